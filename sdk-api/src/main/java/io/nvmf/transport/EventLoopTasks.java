package io.nvmf.transport;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Brings work to the event loop that owns a queue pair, for transports and the layers above. An event loop that has
 * shut down takes no tasks any more, and whoever waits has to be told all the same: such tasks run after its last turn,
 * one after the other, on the thread on which Netty tells of its end. So what belongs to an event loop is never touched
 * by two threads at a time, however it ends.
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
        } catch (RejectedExecutionException refused) {
            afterTheEnd(executor, task, refused);
        }
    }

    /**
     * Runs a task that an event loop has refused, after the end of that event loop and after those that came before.
     * Any thread.
     *
     * @param executor the event loop
     * @param task must not block
     * @param refused what the event loop said to it
     * @throws RejectedExecutionException that one, if the event loop goes on: it has tasks enough, and this thread must
     *     not work beside it
     */
    public static void afterTheEnd(EventExecutor executor, Runnable task, RejectedExecutionException refused) {
        if (!EventLoopWatch.isGone(executor)) {
            throw refused;
        }
        executor.terminationFuture().addListener(end -> task.run());
    }
}
