package io.nvmf.samples.perf;

import reactor.core.publisher.Mono;

/** Keeps I/Os outstanding. Without a rate it goes on by itself from {@link #start} to {@link #stop}. */
interface Lane {

    void start();

    /**
     * Starts one I/O at a rate; called by one thread.
     *
     * @param due the time from which the I/O's latency counts, as of {@link System#nanoTime}
     * @return false if the depth is reached: to be tried again
     */
    boolean startOne(long due);

    /** Starts no more I/Os; at a rate, {@link #startOne} is not called any more. */
    void stop();

    /** Completes after stop, when nothing is outstanding; fails at once when an I/O does. */
    Mono<Void> done();

    /** Gives back what the lane holds, once the controller is closed. */
    void release();
}
