package io.nvmf.spring.autoconfigure;

import io.nvmf.spring.NvmeConnection;

/** Names of beans. */
final class NvmeBeans {

    static final String LOOPS = "nvmfLoopResources";
    static final String CLIENT = "nvmfClient";
    static final String CONNECTION = "nvmfConnection";
    static final String CONTROLLER = "nvmfController";

    private NvmeBeans() {}

    /** {@return the name up to the last dot of the properties of a connection} */
    static String prefix(String connection) {
        return connection.equals(NvmeConnection.DEFAULT_NAME) ? "nvmf.client" : "nvmf.clients." + connection;
    }
}
