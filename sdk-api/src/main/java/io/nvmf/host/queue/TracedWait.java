package io.nvmf.host.queue;

import org.jspecify.annotations.Nullable;

/**
 * The place of a request that waits for a slot and is traced. It carries the trace, so that requests need no field for
 * one, which would make each of them 8 bytes larger.
 *
 * @param submission where the request waits
 * @param trace of the request
 */
record TracedWait(RequestSubmission submission, GuardedTrace trace) implements QueuePlace {

    /** The trace of a request that waits; null if it does not, or is not traced. */
    static @Nullable GuardedTrace of(Request request) {
        return request.inQueue instanceof TracedWait wait ? wait.trace : null;
    }
}
