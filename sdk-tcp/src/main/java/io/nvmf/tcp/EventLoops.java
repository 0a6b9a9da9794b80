package io.nvmf.tcp;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import reactor.netty.resources.LoopResources;

/** The threads of this transport, and the way onto them. */
final class EventLoops {

    private EventLoops() {}

    /**
     * Loops for connections that were not given any: daemon threads, taken in turn. Not colocated: connections opened from a
     * thread of these loops would otherwise all land on that very thread.
     */
    private static final class Shared {
        static final LoopResources INSTANCE = LoopResources.create(
                "nvmf-tcp", LoopResources.DEFAULT_IO_SELECT_COUNT, LoopResources.DEFAULT_IO_WORKER_COUNT, true, false);
    }

    static LoopResources shared() {
        return Shared.INSTANCE;
    }

    /**
     * Runs a task on an event loop: at once when called on it. A loop that has shut down has ended its connections and has no
     * turns to disturb: the caller's thread then runs the task, which finds the end and tells whoever waits for it.
     */
    static void run(EventExecutor executor, Runnable task) {
        if (executor.inEventLoop()) {
            task.run();
            return;
        }
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            task.run();
        }
    }
}
