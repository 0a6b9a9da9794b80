package io.nvmf.tcp;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;

/**
 * Ends a queue pair with its event loop. An event loop that is shut down closes its channels mostly, but one that is shut down
 * within a turn and without a quiet period ends at once and leaves them as they are; nobody would ever tell.
 */
final class EventLoopWatch {

    private EventLoopWatch() {}

    /** Watches for as long as the queue pair lives. */
    static void over(TcpQueuePair<?, ?> queuePair) {
        Future<?> loopEnd = queuePair.executor().terminationFuture();
        FutureListener<Object> listener = end -> queuePair.loopEnded();
        loopEnd.addListener(listener);
        queuePair.termination().subscribe(end -> loopEnd.removeListener(listener));
    }
}
