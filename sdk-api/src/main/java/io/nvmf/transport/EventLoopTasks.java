package io.nvmf.transport;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Brings work to the event loop that owns a queue pair, for transports and the layers above. An event loop that has
 * shut down takes no tasks any more, and whoever waits has to be told all the same: such tasks run after its last turn,
 * one after the other, on the thread on which Netty tells of its end. So what belongs to an event loop is never touched
 * by two threads at a time, however it ends.
 */
public final class EventLoopTasks {

    /** Milliseconds after which an event loop that had too many tasks is asked again. */
    private static final long AGAIN_AFTER = 5;

    private EventLoopTasks() {}

    /**
     * Makes an event loop look at what others have left for it. Whoever leaves something wakes the event loop only if no
     * wake-up is due already, so a wake-up must not get lost.
     */
    public interface WakeUp extends Runnable {

        /** Called instead of {@link #run()} when the event loop has ended. Runs the task by default. */
        default void afterTheEnd() {
            run();
        }
    }

    /**
     * Runs a wake-up in a later turn of an event loop, or after its end. If the event loop goes on but refuses it, because
     * it has tasks enough, it is asked again until it does not; so wake-ups may overtake each other. Allocates nothing
     * unless it is refused. Any thread.
     *
     * @param executor the event loop
     * @param wakeUp must not block
     */
    public static void wake(EventExecutor executor, WakeUp wakeUp) {
        try {
            executor.execute(wakeUp);
        } catch (RejectedExecutionException refused) {
            if (EventLoopWatch.isGone(executor)) {
                executor.terminationFuture().addListener(end -> wakeUp.afterTheEnd());
            } else {
                GlobalEventExecutor.INSTANCE.schedule(() -> wake(executor, wakeUp), AGAIN_AFTER, TimeUnit.MILLISECONDS);
            }
        }
    }

    /**
     * Runs a task on an event loop, at once if this is it. Any thread.
     *
     * @param executor the event loop
     * @param task must not block
     * @throws RejectedExecutionException as of {@link #later}
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
     * @throws RejectedExecutionException if the event loop goes on but has tasks enough; this thread must not work beside
     *     it
     */
    public static void later(EventExecutor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException refused) {
            if (!EventLoopWatch.isGone(executor)) {
                throw refused;
            }
            executor.terminationFuture().addListener(end -> task.run());
        }
    }
}
