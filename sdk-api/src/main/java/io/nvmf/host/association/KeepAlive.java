package io.nvmf.host.association;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Request;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * Keeps an association alive: sends Keep Alive every KATO/2, and gives the association up when an answer is missing for
 * KATO (NVMe Base Specification, "Keep Alive").
 *
 * <p>With traffic based keep alive (CTRATT.TBKAS) nothing is sent while within the last KATO/2 other commands both
 * left, which is what the controller counts, and were answered, which is what this host counts: answers to commands of
 * long ago do not count.
 */
final class KeepAlive extends Request {

    private static final Command COMMAND =
            Command.opcode(AdminOpcode.KEEP_ALIVE).build();

    private static final Logger LOG = LoggerFactory.getLogger(KeepAlive.class);

    private static final int RETRIES_PER_INTERVAL = 64;

    private final String association;
    private final HostQueue admin;
    private final Scheduler timer;
    private final long timeoutNanos;
    private final long intervalNanos;

    /** Commands sent so far on all queues; null without traffic based keep alive. */
    private final @Nullable LongSupplier sentTraffic;

    /** Commands answered so far on all queues. */
    private final LongSupplier answeredTraffic;

    private final Runnable lost;

    /** Hears how long answers take. */
    private final LongConsumer answeredAfter;

    /** The next tick or the next try. */
    private final Disposable.Swap scheduled = Disposables.swap();

    /** Runs while an answer is due. */
    private final Disposable.Swap overdue = Disposables.swap();

    private long sentSeen;
    private long answeredSeen;

    /** Own commands that completed, which count as traffic but must not stand in for it. */
    private final AtomicLong answered = new AtomicLong();

    private volatile long sentAt;

    /**
     * Creates the timer, not yet running.
     *
     * @param association short name of the association
     * @param admin where Keep Alive goes
     * @param timeout KATO
     * @param sentTraffic number of commands sent so far, or null to send regardless of traffic
     * @param answeredTraffic number of commands answered so far
     * @param timer runs the timers
     * @param lost called at most once, on the event loop of the admin queue, when an answer is missing
     * @param answeredAfter told of each answer how many nanoseconds it took, there as well; must not throw
     */
    KeepAlive(
            String association,
            HostQueue admin,
            Duration timeout,
            @Nullable LongSupplier sentTraffic,
            LongSupplier answeredTraffic,
            Scheduler timer,
            Runnable lost,
            LongConsumer answeredAfter) {
        this.association = association;
        this.admin = admin;
        this.timeoutNanos = timeout.toNanos();
        this.intervalNanos = timeoutNanos / 2;
        this.sentTraffic = sentTraffic;
        this.answeredTraffic = answeredTraffic;
        this.timer = timer;
        this.lost = lost;
        this.answeredAfter = answeredAfter;
    }

    void start() {
        if (sentTraffic != null) {
            sentSeen = sentTraffic.getAsLong();
            answeredSeen = answeredTraffic.getAsLong();
        }
        schedule(this::tick, intervalNanos);
    }

    void stop() {
        scheduled.dispose();
        overdue.dispose();
    }

    private void tick() {
        if (sentTraffic != null) {
            // whenever this runs, all own commands have been answered
            long own = answered.get();
            long sentNow = sentTraffic.getAsLong() - own;
            long answeredNow = answeredTraffic.getAsLong() - own;
            boolean bothWays = sentNow != sentSeen && answeredNow != answeredSeen;
            sentSeen = sentNow;
            answeredSeen = answeredNow;
            if (bothWays) {
                // that traffic may be as old as the last tick, so half an interval is all there is to be had from it
                schedule(this::tick, intervalNanos / 2);
                return;
            }
        }
        sentAt = timer.now(TimeUnit.NANOSECONDS);
        overdue.update(later(lost, timeoutNanos));
        admin.submit(this);
    }

    @Override
    protected Command command() {
        return COMMAND;
    }

    /** Has a slot of its own, so that a full admin queue cannot hold it up, and a deadline of its own. */
    @Override
    protected boolean longRunning() {
        return true;
    }

    /** No other command may take the slot, whatever else runs for long. */
    @Override
    protected boolean essential() {
        return true;
    }

    /** Any answer will do, even an error: the controller is there. */
    @Override
    protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        overdue.update(Disposables.disposed());
        long elapsed = timer.now(TimeUnit.NANOSECONDS) - sentAt;
        answered.incrementAndGet();
        answeredAfter.accept(elapsed);
        schedule(this::tick, Math.max(0, intervalNanos - elapsed));
    }

    /**
     * What did not leave is tried again very soon, while the time for an answer runs on; what left and is not answered
     * any more went down with its queue, and the association knows.
     */
    @Override
    protected void failed(RuntimeException failure, CommandOutcome outcome) {
        if (outcome == CommandOutcome.NOT_SENT) {
            schedule(() -> admin.submit(this), intervalNanos / RETRIES_PER_INTERVAL);
        } else {
            stop();
        }
    }

    private void schedule(Runnable task, long nanos) {
        scheduled.update(later(task, nanos));
    }

    /** The timer's thread does nothing but wake the event loop. */
    private Disposable later(Runnable task, long nanos) {
        try {
            return timer.schedule(() -> admin.leaveTimer(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException disposed) {
            LOG.warn("[{}] keep alive stops, because its timer takes no tasks any more", association, disposed);
            return Disposables.disposed();
        }
    }
}
