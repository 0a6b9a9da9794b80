package io.nvmf.rdma.iwarp;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Wakes a peer that has missed the first FPDU. Linux' siw answers a request before it listens for data, so what comes in
 * between stays in its socket until more comes. An empty write is legal for everybody and wakes it; it is repeated, ever
 * more slowly, until the peer has been heard of. Event loop only.
 */
final class Nudge {

    /** After so many nudges the peer is not asleep but gone, or has nothing to say. */
    private static final int MOST = 6;

    private final EventExecutor executor;
    private final Duration first;
    private final Runnable action;

    private @Nullable ScheduledFuture<?> next;
    private int times;
    private boolean stopped;

    /**
     * Nudges nobody yet.
     *
     * @param executor the event loop
     * @param first how long the peer may be silent; zero for ever
     * @param action the nudge
     */
    Nudge(EventExecutor executor, Duration first, Runnable action) {
        this.executor = executor;
        this.first = first;
        this.action = action;
    }

    /** The first FPDU has left. */
    void start() {
        if (!stopped && next == null && !first.isZero()) {
            schedule();
        }
    }

    /** The peer has been heard of, or this is the end. */
    void stop() {
        stopped = true;
        ScheduledFuture<?> waiting = next;
        if (waiting != null) {
            waiting.cancel(false);
            next = null;
        }
    }

    private void schedule() {
        next = executor.schedule(this::nudge, first.toNanos() << times, TimeUnit.NANOSECONDS);
    }

    private void nudge() {
        if (stopped) {
            return;
        }
        action.run();
        times++;
        if (times < MOST && !stopped) {
            schedule();
        }
    }
}
