package io.nvmf;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Brings signals from any thread to the event loop that owns a stream: many signals make one turn, and turns never overlap or
 * nest, so what {@link #drain()} touches needs no lock.
 */
abstract class EventLoopDrain implements Runnable {

    private static final AtomicIntegerFieldUpdater<EventLoopDrain> MISSED =
            AtomicIntegerFieldUpdater.newUpdater(EventLoopDrain.class, "missed");

    private final EventExecutor executor;

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile int missed;

    EventLoopDrain(EventExecutor executor) {
        this.executor = executor;
    }

    /** Looks at everything that may have changed; on the event loop, serially. */
    abstract void drain();

    /** Says that something changed. From any thread. */
    final void signal() {
        if (MISSED.getAndIncrement(this) == 0) {
            EventLoopTasks.run(executor, this);
        }
    }

    @Override
    public final void run() {
        int seen = 1;
        do {
            drain();
            seen = MISSED.addAndGet(this, -seen);
        } while (seen != 0);
    }
}
