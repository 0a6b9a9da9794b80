package io.nvmf.host.association;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.host.queue.HostQueue;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.scheduler.Schedulers;

/**
 * Where users hear of an association: on an event loop of its own, or, when those have shut down, on a thread of
 * Reactor's. Never on the timer, which belongs to the SDK and must not be occupied.
 */
final class SignalThread {

    private SignalThread() {}

    /** Runs a task on one of the event loops, at once if this is one; at once, too, if there are none yet. */
    static void run(List<HostQueue> queues, Runnable task) {
        if (queues.isEmpty()
                || queues.stream().anyMatch(queue -> queue.executor().inEventLoop())) {
            task.run();
            return;
        }
        for (HostQueue queue : queues) {
            EventExecutor executor = queue.executor();
            try {
                executor.execute(task);
                return;
            } catch (RejectedExecutionException loopGone) {
                // the next one, perhaps
            }
        }
        Schedulers.parallel().schedule(task);
    }
}
