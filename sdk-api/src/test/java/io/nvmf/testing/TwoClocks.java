package io.nvmf.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * A timer that tells moments by one clock and lengths of time by another, as those of real threads do: {@code now} of
 * milliseconds and longer units counts from 1970, {@code now} of shorter units from anywhere.
 */
public final class TwoClocks implements Scheduler {

    /** How far the clock of moments is ahead of the other one. */
    public static final Duration APART = Duration.ofDays(20_000);

    private final Scheduler timer;

    /** Tells lengths of time by the clock of another timer. */
    public TwoClocks(Scheduler timer) {
        this.timer = timer;
    }

    @Override
    public long now(TimeUnit unit) {
        long now = timer.now(unit);
        return unit.compareTo(TimeUnit.MILLISECONDS) < 0 ? now : now + unit.convert(APART);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return timer.schedule(task);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return timer.schedule(task, delay, unit);
    }

    @Override
    public Disposable schedulePeriodically(Runnable task, long delay, long period, TimeUnit unit) {
        return timer.schedulePeriodically(task, delay, period, unit);
    }

    @Override
    public Worker createWorker() {
        return timer.createWorker();
    }

    @Override
    public void dispose() {
        timer.dispose();
    }

    @Override
    public boolean isDisposed() {
        return timer.isDisposed();
    }
}
