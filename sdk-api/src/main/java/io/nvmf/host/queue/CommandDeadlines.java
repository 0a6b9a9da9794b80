package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which commands have a deadline, and which of them have passed it; what follows is for others to decide. Event loop
 * only.
 */
final class CommandDeadlines {

    private final SlotTable table;
    private final DeadlineScan scan;
    private final Consumer<? super Slot> expired;
    private final Runnable scanned;
    private final BooleanSupplier waiting;
    private final Duration timeout;

    /** Commands that somebody waits for have a deadline; orphans always have one. */
    private final boolean bounded;

    private boolean stopped;

    /**
     * @param expired told of each command whose period is over
     * @param scanned called after all commands have been looked at
     * @param waiting whether commands wait for a slot, whose time runs, too
     */
    CommandDeadlines(
            SlotTable table,
            QueueParameters parameters,
            EventExecutor executor,
            Consumer<? super Slot> expired,
            Runnable scanned,
            BooleanSupplier waiting) {
        this.table = table;
        this.expired = expired;
        this.scanned = scanned;
        this.waiting = waiting;
        this.bounded = !parameters.commandTimeout().isZero();
        this.timeout = bounded ? parameters.commandTimeout() : QueueParameters.ORPHAN_TIMEOUT;
        this.scan = new DeadlineScan(timeout, parameters.timer(), executor, this::scan);
    }

    /** Whether the commands of an owner have a deadline while it waits for them. */
    boolean hasDeadline(SlotOwner owner) {
        return !owner.untimed() && (bounded || owner.essential());
    }

    /** Whether the time of a request that an event loop has accepted, and that has no slot, is over. */
    boolean isOver(Request request) {
        return scan.passed(request.since) && hasDeadline(request);
    }

    /** How many ticks a time is; a part of one counts as a whole. */
    int ticks(Duration time) {
        return scan.ticks(time);
    }

    /** Time that a command has in one period. */
    Duration timeout() {
        return timeout;
    }

    /** Time that a command had whose last period is over: without a timeout, an orphan has just the one. */
    Duration timeoutOfAll(Slot slot) {
        return bounded || slot.isExtended() ? timeout.multipliedBy(2) : timeout;
    }

    /**
     * Makes sure that the clock runs.
     *
     * @return null, or why it does not: the timer takes no tasks any more
     */
    @Nullable
    RejectedExecutionException start() {
        return scan.start();
    }

    /** The current tick, for the stamps of commands. */
    int now() {
        return scan.stamp();
    }

    /** Nothing expires from now on. */
    void stop() {
        stopped = true;
        scan.stop();
    }

    private void scan() {
        if (table.isIdle() && !waiting.getAsBoolean()) {
            scan.stop();
            return;
        }
        for (int i = 0; i < table.size() && !stopped; i++) {
            Slot slot = table.at(i);
            if (slot.isTimed() && scan.passed(slot.since())) {
                expired.accept(slot);
            }
        }
        if (!stopped) {
            scanned.run();
        }
    }
}
