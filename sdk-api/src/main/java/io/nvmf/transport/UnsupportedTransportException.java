package io.nvmf.transport;

import io.nvmf.spec.TransportType;

/** No registered transport serves a type or address. */
public final class UnsupportedTransportException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates the failure.
     *
     * @param type the type asked for
     * @param address the address asked for
     */
    public UnsupportedTransportException(TransportType type, TransportAddress address) {
        super("no transport for " + type + " at " + address + "; is its module on the class path?");
    }
}
