package io.nvmf.testing;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A timer whose time passes when the test says so, on the test's thread, for tests in which several threads set and cancel
 * timers. Virtual time loses a timer when another thread cancels one at the moment in which time passes.
 */
public final class SharedManualTimer implements Scheduler {

    private record Entry(Runnable task, long due, long number) {}

    private final PriorityQueue<Entry> entries =
            new PriorityQueue<>(Comparator.comparingLong(Entry::due).thenComparingLong(Entry::number));

    private long now;
    private long number;

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public synchronized Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        Entry entry = new Entry(task, now + Math.max(0, unit.toNanos(delay)), number++);
        entries.add(entry);
        return () -> remove(entry);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long initialDelay, long period, TimeUnit unit) {
        Disposable.Swap next = Disposables.swap();
        next.update(schedule(
                new Runnable() {
                    @Override
                    public void run() {
                        task.run();
                        next.replace(schedule(this, period, unit));
                    }
                },
                initialDelay,
                unit));
        return next;
    }

    private synchronized void remove(Entry entry) {
        entries.remove(entry);
    }

    /** Lets time pass, and runs what is due in order. */
    public void advance(Duration time) {
        long end = passed(time.toNanos());
        for (Entry due = next(end); due != null; due = next(end)) {
            due.task.run();
        }
    }

    private synchronized long passed(long nanos) {
        return now + nanos;
    }

    private synchronized Entry next(long end) {
        Entry first = entries.peek();
        if (first == null || first.due > end) {
            now = end;
            return null;
        }
        now = Math.max(now, first.due);
        return entries.poll();
    }

    @Override
    public synchronized long now(TimeUnit unit) {
        return unit.convert(now, TimeUnit.NANOSECONDS);
    }

    @Override
    public synchronized String toString() {
        return "at " + now + " ns with " + entries;
    }

    @Override
    public Worker createWorker() {
        return new Worker() {
            private final Disposable.Composite started = Disposables.composite();

            @Override
            public Disposable schedule(Runnable task) {
                return schedule(task, 0, TimeUnit.NANOSECONDS);
            }

            @Override
            public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                Disposable entry = SharedManualTimer.this.schedule(task, delay, unit);
                started.add(entry);
                return entry;
            }

            @Override
            public void dispose() {
                started.dispose();
            }
        };
    }
}
