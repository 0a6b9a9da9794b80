package io.nvmf.file;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** A scheduler whose tasks run when the test says so, on the test's thread. */
final class Turns implements Scheduler {

    private final Queue<Runnable> waiting = new ArrayDeque<>();

    /** Whether there are no threads any more. */
    boolean rejects;

    @Override
    public Disposable schedule(Runnable task) {
        if (rejects) {
            throw new RejectedExecutionException("no thread");
        }
        waiting.add(task);
        return () -> {};
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException();
    }

    boolean isIdle() {
        return waiting.isEmpty();
    }

    void run() {
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }
}
