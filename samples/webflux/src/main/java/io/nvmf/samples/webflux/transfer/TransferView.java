package io.nvmf.samples.webflux.transfer;

import org.jspecify.annotations.Nullable;

/**
 * A transfer at one moment, as JSON.
 *
 * @param id of the transfer, for as long as the gateway runs
 * @param direction {@code download} or {@code upload}
 * @param nsid of the namespace
 * @param bytes handed to the client, or known written
 * @param total bytes that there are
 * @param paused whether it waits for the controller to come back
 * @param done whether it has ended
 * @param failure why it has ended early; null otherwise
 */
public record TransferView(
        long id,
        String direction,
        long nsid,
        long bytes,
        long total,
        boolean paused,
        boolean done,
        @Nullable String failure) {}
