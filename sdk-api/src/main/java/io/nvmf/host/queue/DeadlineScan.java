package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/**
 * The clock of a queue's deadlines: ticks eight times per command timeout while commands are outstanding. Commands are
 * stamped with the number of the tick, so the hot path neither reads a clock nor arms a timer. Event loop only.
 */
final class DeadlineScan {

    static final int TICKS_PER_TIMEOUT = 8;

    private final Scheduler timer;
    private final EventExecutor executor;
    private final long periodNanos;
    private final Runnable onTick;
    private final EventLoopTasks.WakeUp tick = new Tick();
    private @Nullable Disposable running;
    private int now;

    /**
     * @param onTick called on the event loop after each tick
     */
    DeadlineScan(Duration timeout, Scheduler timer, EventExecutor executor, Runnable onTick) {
        Duration period = timeout.dividedBy(TICKS_PER_TIMEOUT);
        this.timer = timer;
        this.executor = executor;
        this.periodNanos =
                Math.max(1, (period.compareTo(HostQueue.LONGEST_TIME) > 0 ? HostQueue.LONGEST_TIME : period).toNanos());
        this.onTick = onTick;
    }

    /**
     * Makes sure that the clock runs.
     *
     * @return null, or why it does not: the timer takes no tasks any more
     */
    @Nullable
    RejectedExecutionException start() {
        if (running == null) {
            try {
                running = timer.schedulePeriodically(this::wake, periodNanos, periodNanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException disposed) {
                return disposed;
            }
        }
        return null;
    }

    /** The number of the current tick. */
    int stamp() {
        return now;
    }

    /** Whether a whole timeout has passed since a stamp; the tick under way at the stamp does not count. */
    boolean passed(int stamp) {
        return now - stamp > TICKS_PER_TIMEOUT;
    }

    /** How many ticks a time is, a part of one being one; no more than a timeout and one has. */
    int ticks(Duration time) {
        if (time.compareTo(HostQueue.LONGEST_TIME) > 0) {
            return TICKS_PER_TIMEOUT + 1;
        }
        return (int) Math.min(TICKS_PER_TIMEOUT + 1, (time.toNanos() + periodNanos - 1) / periodNanos);
    }

    void stop() {
        Disposable stopped = running;
        running = null;
        if (stopped != null) {
            stopped.dispose();
        }
    }

    private void wake() {
        EventLoopTasks.wake(executor, tick);
    }

    private final class Tick implements EventLoopTasks.WakeUp {

        @Override
        public void run() {
            now++;
            onTick.run();
        }

        @Override
        public void afterTheEnd() {
            stop();
        }
    }
}
