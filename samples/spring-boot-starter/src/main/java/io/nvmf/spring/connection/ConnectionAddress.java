package io.nvmf.spring.connection;

import io.nvmf.spring.NvmeConnection;
import java.net.URI;

/** Tells people where a connection goes. */
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
}
