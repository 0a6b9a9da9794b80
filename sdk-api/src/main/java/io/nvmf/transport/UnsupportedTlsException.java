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
}
