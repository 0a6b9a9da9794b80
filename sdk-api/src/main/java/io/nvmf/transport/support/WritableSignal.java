package io.nvmf.transport.support;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * Tells those who wait that a connection takes data again, see {@link io.nvmf.transport.ControllerQueuePair#writable}.
 * They are woken in the order in which they came, and no more of them than leave the connection writable.
 */
public final class WritableSignal {

    private final EventExecutor executor;
    private final BooleanSupplier writable;

    /** Event loop only. */
    private final ArrayDeque<MonoSink<Void>> waiting = new ArrayDeque<>();

    /** Somebody is being told; event loop only. */
    private boolean telling;

    private volatile boolean awaited;

    /**
     * Creates the signal.
     *
     * @param executor the event loop
     * @param writable whether the connection takes data, or has ended; any thread
     */
    public WritableSignal(EventExecutor executor, BooleanSupplier writable) {
        this.executor = executor;
        this.writable = writable;
    }

    /**
     * Waits, if necessary, until the connection takes data or has ended. Cold; any thread.
     *
     * @return completes on the event loop, or at once on the subscribing thread
     */
    public Mono<Void> mono() {
        return writable.getAsBoolean()
                ? Mono.empty()
                : Mono.create(sink -> EventLoopTasks.run(executor, () -> await(sink)));
    }

    private void await(MonoSink<Void> sink) {
        waiting.add(sink);
        awaited = true;
        sink.onCancel(() -> EventLoopTasks.run(executor, () -> waiting.remove(sink)));
        changed(); // whoever made the connection writable may have looked before anybody waited
    }

    /** {@return whether somebody may be waiting; any thread} */
    public boolean isAwaited() {
        return awaited;
    }

    /** The connection may take data again, or has ended; event loop only, does not throw. */
    public void changed() {
        if (telling) {
            // By what somebody does who is told: the loop below goes on with it, and the stack does not grow with those
            // who wait.
            return;
        }
        telling = true;
        try {
            tellInOrder();
        } finally {
            telling = false;
        }
    }

    private void tellInOrder() {
        while (writable.getAsBoolean()) {
            MonoSink<Void> next = waiting.poll();
            if (next == null) {
                awaited = false;
                return;
            }
            CallBacks.guarded(next::success);
        }
    }
}
