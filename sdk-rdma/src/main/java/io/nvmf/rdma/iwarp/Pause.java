package io.nvmf.rdma.iwarp;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A short wait on an event loop. */
final class Pause {

    private Pause() {}

    /** Runs a task after a time, at once if that is zero. */
    static void run(EventExecutor executor, Duration time, Runnable task) {
        if (time.isZero()) {
            task.run();
        } else {
            executor.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        }
    }
}
