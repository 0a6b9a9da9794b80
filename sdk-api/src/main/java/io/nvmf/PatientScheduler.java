package io.nvmf;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;

/**
 * A scheduler whose workers still run what they have taken when they are disposed of. {@code publishOn} disposes of its
 * worker when it is cancelled, and a task that has not begun by then is the only one that would have discarded what is
 * in the queue.
 */
final class PatientScheduler implements Scheduler {

    private final Scheduler threads;

    PatientScheduler(Scheduler threads) {
        this.threads = threads;
    }

    @Override
    public Disposable schedule(Runnable task) {
        return threads.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return threads.schedule(task, delay, unit);
    }

    @Override
    public long now(TimeUnit unit) {
        return threads.now(unit);
    }

    @Override
    public Worker createWorker() {
        return new PatientWorker(threads.createWorker());
    }

    /** Disposes of the worker behind it when the last task has run. */
    private static final class PatientWorker implements Worker {

        /** Bit of {@link #state} that says that no task is taken any more; what is below counts tasks. */
        private static final int DISPOSED = 1 << 30;

        private final Worker worker;
        private final AtomicInteger state = new AtomicInteger();

        PatientWorker(Worker worker) {
            this.worker = worker;
        }

        @Override
        public Disposable schedule(Runnable task) {
            if (state.getAndUpdate(now -> now >= DISPOSED ? now : now + 1) >= DISPOSED) {
                throw Exceptions.failWithRejected();
            }
            try {
                return worker.schedule(() -> {
                    try {
                        task.run();
                    } finally {
                        over();
                    }
                });
            } catch (RuntimeException rejected) {
                over();
                throw rejected;
            }
        }

        private void over() {
            if (state.decrementAndGet() == DISPOSED) {
                worker.dispose();
            }
        }

        @Override
        public void dispose() {
            if (state.getAndUpdate(now -> now | DISPOSED) == 0) {
                worker.dispose();
            }
        }

        @Override
        public boolean isDisposed() {
            return state.get() >= DISPOSED;
        }
    }
}
