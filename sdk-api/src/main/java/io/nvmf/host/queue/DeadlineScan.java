package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
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

    private static final int TICKS_PER_TIMEOUT = 8;

    /** Longer than anybody waits, and short enough for the arithmetic of every scheduler. */
    private static final Duration LONGEST_PERIOD = Duration.ofDays(365);

    private final Scheduler timer;
    private final EventExecutor executor;
    private final long periodNanos;
    private final Runnable onTick;
    private @Nullable Disposable running;
    private int now;

    /**
     * @param onTick called on the event loop after each tick
     */
    DeadlineScan(Duration timeout, Scheduler timer, EventExecutor executor, Runnable onTick) {
        Duration period = timeout.dividedBy(TICKS_PER_TIMEOUT);
        this.timer = timer;
        this.executor = executor;
        this.periodNanos = Math.max(1, (period.compareTo(LONGEST_PERIOD) > 0 ? LONGEST_PERIOD : period).toNanos());
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

    void stop() {
        Disposable stopped = running;
        running = null;
        if (stopped != null) {
            stopped.dispose();
        }
    }

    private void wake() {
        try {
            executor.execute(this::tick);
        } catch (RejectedExecutionException loopGone) {
            // The event loop was shut down and told everybody; nothing runs there that this thread could disturb.
            stop();
        }
    }

    private void tick() {
        now++;
        onTick.run();
    }
}
