package io.nvmf;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The thread of the timers of all clients and targets that are given no scheduler of their own. It belongs to the SDK:
 * what runs here wakes an event loop and never calls user code, so keep alive and deadlines hold whatever the
 * application computes.
 */
final class SharedTimer {

    /** Lives as long as the JVM, and does not keep it alive. */
    static final Scheduler INSTANCE = Schedulers.fromExecutorService(executor(), "nvmf-timer");

    private SharedTimer() {}

    private static ScheduledThreadPoolExecutor executor() {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, TimerThread::new);
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    /** Marked so that Reactor refuses to block on it. */
    private static final class TimerThread extends Thread implements NonBlocking {

        TimerThread(Runnable task) {
            super(task, "nvmf-timer");
            setDaemon(true);
        }
    }
}
