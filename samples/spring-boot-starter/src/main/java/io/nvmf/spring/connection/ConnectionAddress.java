package io.nvmf.spring.connection;

import io.nvmf.spring.NvmeConnection;
import java.net.URI;
import java.util.Optional;

/** Tells people where a connection goes, and nothing that a client is set to. */
public final class ConnectionAddress {

    private ConnectionAddress() {}

    /**
     * Transport, address and subsystem, without the settings.
     *
     * @param connection whose
     * @return such as {@code nvme+tcp://192.0.2.1:4420/nqn.2014-08.com.example:disks}
     */
    public static String of(NvmeConnection connection) {
        URI uri = connection.client().uri();
        return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
    }

    /**
     * The subsystem alone.
     *
     * @param connection whose
     * @return its NQN; empty if the client names none
     */
    public static Optional<String> subsystem(NvmeConnection connection) {
        return Optional.ofNullable(connection.client().uri().getPath())
                .filter(path -> path.length() > 1)
                .map(path -> path.substring(1));
    }
}
