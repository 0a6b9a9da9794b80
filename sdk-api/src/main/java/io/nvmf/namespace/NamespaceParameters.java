package io.nvmf.namespace;

import io.nvmf.spec.Require;

/**
 * What a controller and the transport to it say about commands for its namespaces.
 *
 * @param maxTransferBytes the largest data length of one command: the smaller of MDTS and the transport's own limit; 0
 *     for none
 * @param volatileWriteCache whether the controller has a volatile write cache (VWC bit 0), so that a completed write is
 *     durable only after Flush
 */
public record NamespaceParameters(long maxTransferBytes, boolean volatileWriteCache) {

    /**
     * Checks the number.
     *
     * @param maxTransferBytes bytes, 0 or more
     * @param volatileWriteCache true if Flush is needed
     */
    public NamespaceParameters {
        Require.notNegative("maxTransferBytes", maxTransferBytes);
    }
}
