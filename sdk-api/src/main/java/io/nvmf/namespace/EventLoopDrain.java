package io.nvmf.namespace;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.JvmFailures;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Brings signals from any thread to the event loop that owns a stream: many signals make one turn, and turns never
 * overlap or nest, so what {@link #drain()} touches needs no lock. Code of users runs within a turn and may throw
 * whatever it likes: that ends the stream, never the turns.
 */
abstract class EventLoopDrain implements EventLoopTasks.WakeUp {

    private static final AtomicIntegerFieldUpdater<EventLoopDrain> MISSED =
            AtomicIntegerFieldUpdater.newUpdater(EventLoopDrain.class, "missed");

    private final EventExecutor executor;

    private volatile int missed;

    EventLoopDrain(EventExecutor executor) {
        this.executor = executor;
    }

    /** Looks at everything that may have changed; on the event loop, serially. */
    abstract void drain();

    /** A turn threw: ends the stream, and tells why if it has not ended before. Called where {@link #drain()} is. */
    abstract void broken(Throwable thrown);

    /** Whether the caller is on the event loop that owns the stream. */
    final boolean isOnItsEventLoop() {
        return executor.inEventLoop();
    }

    /** Says that something changed. From any thread. */
    final void signal() {
        if (MISSED.getAndIncrement(this) == 0) {
            if (executor.inEventLoop()) {
                run();
            } else {
                EventLoopTasks.wake(executor, this);
            }
        }
    }

    /** How many signals the turn that is under way or due has not looked at; for messages. */
    final String signals() {
        return missed + " signals";
    }

    @Override
    public final void run() {
        Throwable jvmFailure = null;
        int seen = 1;
        do {
            Throwable thrown = turn();
            if (thrown != null && JvmFailures.isJvmFailure(thrown)) {
                jvmFailure = thrown;
            }
            seen = MISSED.addAndGet(this, -seen);
        } while (seen != 0);
        if (jvmFailure != null) {
            JvmFailures.throwIfJvmFailure(jvmFailure);
        }
    }

    private @Nullable Throwable turn() {
        try {
            drain();
            return null;
        } catch (Throwable thrown) {
            try {
                broken(thrown);
            } catch (Throwable again) {
                thrown.addSuppressed(again);
            }
            return thrown;
        }
    }
}
