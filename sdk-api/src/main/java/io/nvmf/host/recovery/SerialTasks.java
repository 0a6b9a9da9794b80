package io.nvmf.host.recovery;

import io.nvmf.host.queue.Dropped;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.transport.JvmFailures;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.util.context.Context;

/**
 * Runs tasks from all threads one after the other, on one event loop for as long as that lives. What these tasks alone
 * touch needs no lock.
 */
final class SerialTasks implements Runnable {

    private final HostQueue home;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger missed = new AtomicInteger();

    /**
     * @param home a queue on the event loop
     */
    SerialTasks(HostQueue home) {
        this.home = home;
    }

    /** Runs a task, before this returns if nothing else runs and this is the event loop. */
    void run(Runnable task) {
        tasks.add(task);
        if (missed.getAndIncrement() == 0) {
            if (home.executor().inEventLoop()) {
                run();
            } else {
                home.leaveTimer(this);
            }
        }
    }

    /** Every task is run, whatever another one throws: commands of users wait for these. */
    @Override
    public void run() {
        Throwable jvmFailure = null;
        int seen = 1;
        do {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                try {
                    task.run();
                } catch (Throwable thrown) {
                    jvmFailure = JvmFailures.isJvmFailure(thrown) ? thrown : jvmFailure;
                    Dropped.error(thrown, Context.empty());
                }
            }
            seen = missed.addAndGet(-seen);
        } while (seen != 0);
        if (jvmFailure != null) {
            JvmFailures.throwIfJvmFailure(jvmFailure);
        }
    }
}
