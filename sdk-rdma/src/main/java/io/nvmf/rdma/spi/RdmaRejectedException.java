package io.nvmf.rdma.spi;

import java.io.IOException;

/** The peer does not want to be connected. */
public final class RdmaRejectedException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What the peer said. */
    private final byte[] privateData;

    /**
     * A rejection.
     *
     * @param message what happened
     * @param privateData what the peer said, empty if nothing
     */
    public RdmaRejectedException(String message, byte[] privateData) {
        super(message);
        this.privateData = privateData.clone();
    }

    /**
     * What the peer said.
     *
     * @return a copy; empty if nothing
     */
    public byte[] privateData() {
        return privateData.clone();
    }
}
