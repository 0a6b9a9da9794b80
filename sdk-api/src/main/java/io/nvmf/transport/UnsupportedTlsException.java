package io.nvmf.transport;

import io.nvmf.spec.TransportType;

/** TLS is asked for, and the transport has none. */
public final class UnsupportedTlsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the failure.
     *
     * @param type the type asked for
     */
    public UnsupportedTlsException(TransportType type) {
        super("the transport for " + type + " does no TLS, and what asks for it is not sent without");
    }

    /**
     * Creates the failure of a transport that would have TLS if it were not for something.
     *
     * @param type the type asked for
     * @param missing what there has to be for it, for whoever can bring it
     */
    public UnsupportedTlsException(TransportType type, String missing) {
        super("the transport for " + type + " does no TLS here: " + missing);
    }
}
