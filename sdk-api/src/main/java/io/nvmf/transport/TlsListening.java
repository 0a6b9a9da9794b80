package io.nvmf.transport;

import java.util.Objects;

/**
 * How a listener does TLS.
 *
 * @param required whether a connection without TLS is closed; otherwise {@link QueuePair#tlsIdentity()} says which ones
 *     have it, and whoever accepts decides
 * @param keys of the hosts
 */
public record TlsListening(boolean required, TlsKeyChooser keys) {

    /**
     * Needs keys.
     *
     * @param required whether a connection without TLS is closed
     * @param keys of the hosts
     */
    public TlsListening {
        Objects.requireNonNull(keys, "keys");
    }
}
