package io.nvmf.transport;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Brings work to the event loop that owns a queue pair, for transports and the layers above. An event loop that has
 * shut down has no turns left that a task could disturb, and whoever waits has to be told all the same: the caller's
 * thread then runs the task.
 */
public final class EventLoopTasks {

    private EventLoopTasks() {}

    /**
     * Runs a task on an event loop, at once if this is it. Any thread.
     *
     * @param executor the event loop
     * @param task must not block
     */
    public static void run(EventExecutor executor, Runnable task) {
        if (executor.inEventLoop()) {
            task.run();
        } else {
            later(executor, task);
        }
    }

    /**
     * Runs a task in a later turn of an event loop. Any thread.
     *
     * @param executor the event loop
     * @param task must not block
     */
    public static void later(EventExecutor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException loopGone) {
            task.run();
        }
    }
}
