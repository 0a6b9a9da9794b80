package io.nvmf.testing;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A timer whose time passes when the test says so, on the test's thread. Unlike virtual time it knows what is still to come, so
 * that a test can insist that nothing is, and whether it is at work at the moment. One thread only.
 */
public final class ManualTimer implements Scheduler {

    private final class Entry implements Disposable, Comparable<Entry> {

        private final Runnable task;
        private final long period;
        private final long number = entries++;
        private long due;
        private boolean disposed;

        Entry(Runnable task, long delay, long period) {
            this.task = task;
            this.period = period;
            this.due = now + delay;
        }

        @Override
        public int compareTo(Entry other) {
            return due != other.due ? Long.compare(due, other.due) : Long.compare(number, other.number);
        }

        @Override
        public void dispose() {
            disposed = true;
            queue.remove(this);
        }

        @Override
        public boolean isDisposed() {
            return disposed;
        }
    }

    private final PriorityQueue<Entry> queue = new PriorityQueue<>();
    private long entries;
    private long now;
    private boolean firing;

    /** Lets time pass, and runs what is due on the way. */
    public void advance(long time, TimeUnit unit) {
        long until = now + unit.toNanos(time);
        for (Entry next = queue.peek(); next != null && next.due <= until; next = queue.peek()) {
            queue.remove(next);
            now = Math.max(now, next.due);
            if (next.period > 0) {
                next.due += next.period;
                queue.add(next);
            } else {
                next.disposed = true;
            }
            firing = true;
            try {
                next.task.run();
            } finally {
                firing = false;
            }
        }
        now = until;
    }

    /** How long until the next task is due, in nanoseconds; -1 if there is none. */
    public long untilNext() {
        Entry next = queue.peek();
        return next == null ? -1 : Math.max(0, next.due - now);
    }

    /** How many tasks are still to come. */
    public int waiting() {
        return queue.size();
    }

    /** Whether this runs a task at the moment. */
    public boolean isFiring() {
        return firing;
    }

    private Entry add(Runnable task, long delay, long period, TimeUnit unit) {
        Entry entry = new Entry(task, Math.max(0, unit.toNanos(delay)), unit.toNanos(period));
        queue.add(entry);
        return entry;
    }

    @Override
    public Disposable schedule(Runnable task) {
        return add(task, 0, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return add(task, delay, 0, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        return add(task, initialDelay, period, unit);
    }

    @Override
    public long now(TimeUnit unit) {
        return unit.convert(now, TimeUnit.NANOSECONDS);
    }

    @Override
    public Worker createWorker() {
        return new Worker() {
            private final Disposable.Composite tasks = Disposables.composite();

            private Disposable track(Disposable task) {
                tasks.add(task);
                return task;
            }

            @Override
            public Disposable schedule(Runnable task) {
                return track(ManualTimer.this.schedule(task));
            }

            @Override
            public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                return track(ManualTimer.this.schedule(task, delay, unit));
            }

            @Override
            public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
                return track(ManualTimer.this.schedulePeriodically(task, initialDelay, period, unit));
            }

            @Override
            public void dispose() {
                tasks.dispose();
            }
        };
    }
}
