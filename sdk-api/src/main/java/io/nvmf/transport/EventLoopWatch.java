package io.nvmf.transport;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.SingleThreadEventExecutor;

/**
 * Tells a queue pair of the end of its event loop, for transports. A task that is handed to an event loop which has
 * shut down is rejected, so whoever waits for one would never hear.
 */
public final class EventLoopWatch {

    private EventLoopWatch() {}

    /**
     * Whether an event loop takes no tasks any more. Nothing that waits for a turn of it will happen, so what ended is
     * this side, not the peer.
     *
     * @param executor the event loop of a queue pair
     * @return true once it has shut down
     */
    public static boolean isGone(EventExecutor executor) {
        return executor.isShutdown();
    }

    /**
     * Watches for as long as the queue pair lives. Event loops without an end of their own, such as
     * {@link io.netty.util.concurrent.ImmediateEventExecutor}, are not watched.
     *
     * @param queuePair in use
     * @param loopEnded ends the queue pair; called once at most, on a thread of Netty's, when no turn of the event loop
     *     is left
     */
    public static void over(QueuePair queuePair, Runnable loopEnded) {
        EventExecutor executor = queuePair.executor();
        Future<?> loopEnd = executor.terminationFuture();
        if (loopEnd.isDone() && !executor.isTerminated()) {
            return;
        }
        FutureListener<Object> listener = end -> loopEnded.run();
        loopEnd.addListener(listener);
        queuePair.termination().subscribe(end -> loopEnd.removeListener(listener));
    }

    /**
     * Runs a task in the last turn of an event loop, such as one that closes a channel. Event loops that are shut down close
     * their channels by themselves, but not those that are shut down within a turn and without a quiet period: the peer
     * would hear nothing.
     *
     * @param executor the event loop, on which this is called
     * @param done completes on the event loop when there is nothing left for the task to do
     * @param task runs on the event loop, once at most; not at all where Netty has no such turn
     */
    public static void inLastTurn(EventExecutor executor, Future<?> done, Runnable task) {
        if (executor instanceof SingleThreadEventExecutor eventLoop) {
            eventLoop.addShutdownHook(task);
            done.addListener(end -> eventLoop.removeShutdownHook(task));
        }
    }
}
