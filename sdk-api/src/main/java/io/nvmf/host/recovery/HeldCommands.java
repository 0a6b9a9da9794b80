package io.nvmf.host.recovery;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * The commands that wait here instead of in a queue: because there is no association, because their time has not come,
 * or because an order has to be kept. Commands that change the same blocks leave in the order in which they came, each
 * when the one before is done, and none before a command of a lost association can no longer change these blocks.
 *
 * <p>Everything but {@link #isFree}, {@link #count}, {@link #cancel}, {@link #timeOut} and {@link #over} is confined to
 * the tasks.
 */
final class HeldCommands {

    private final SerialTasks tasks;
    private final Scheduler timer;
    private final Failures failures;
    private final Duration commandTimeout;
    private final int limit;

    /** In the order in which they came; those that change blocks stay while a queue has them. */
    private final Set<HeldCommand> commands = new LinkedHashSet<>();

    private final LostWrites lostWrites = new LostWrites();
    private final AtomicInteger count = new AtomicInteger();
    private final Disposable.Swap wake = Disposables.swap();
    private long wakeAt = HeldCommand.NEVER;

    /** Whether commands may leave at all. */
    private boolean open = true;

    /** What commands hear that have not failed before; null while they may wait. */
    private @Nullable RuntimeException refusal;

    /** Whether every command may go to its queue without coming here first. Any thread. */
    private volatile boolean free = true;

    /** Whether commands that change nothing may: there is an association. */
    private volatile boolean readsFree = true;

    /**
     * @param commandTimeout how long a command may wait here, zero for ever
     * @param limit how many may wait here that are no parts of streams
     */
    HeldCommands(SerialTasks tasks, Scheduler timer, Failures failures, Duration commandTimeout, int limit) {
        this.tasks = tasks;
        this.timer = timer;
        this.failures = failures;
        this.commandTimeout = commandTimeout;
        this.limit = limit;
    }

    // ---- any thread

    /** Whether a request need not come here. Asked after its queue was chosen. */
    boolean isFree(Request request) {
        return free || (readsFree && request.extent() == null);
    }

    /**
     * Counts a command that is about to come.
     *
     * @return null, or what it fails with because too many are here
     */
    @Nullable
    RuntimeException count(HeldCommand held) {
        if (held.counted) {
            return null;
        }
        if (count.incrementAndGet() > limit && held.request.expiresWhileHeld()) {
            count.decrementAndGet();
            return failures.limit(
                    "commands that wait for a connection", limit + 1L, limit, "there is no association at present");
        }
        held.counted = true;
        return null;
    }

    /** Takes a request that was not submitted yet. */
    void hold(Request request, QueueSelector queues, HostQueue queue) {
        HeldCommand held = new HeldCommand(this, request, queues, queue);
        request.place(held);
        if (!readsFree) {
            request.heldBack();
        }
        RuntimeException refused = count(held);
        tasks.run(() -> {
            if (refused == null) {
                add(held);
            } else {
                held.giveUp(refused);
            }
        });
    }

    /** Wherever the request is by then. One that is about to come here is found abandoned. */
    void cancel(HeldCommand held) {
        tasks.run(() -> {
            if (isHeld(held)) {
                drop(held);
            } else {
                held.queue().cancel(held.request);
            }
        });
    }

    private boolean isHeld(HeldCommand held) {
        return held.phase == HeldCommand.Phase.HELD && commands.contains(held);
    }

    void timeOut(HeldCommand held, Duration time) {
        tasks.run(() -> {
            if (isHeld(held)) {
                expire(held, time);
                setFree();
            } else {
                held.queue().timeOut(held.request, time);
            }
        });
    }

    void over(HeldCommand held) {
        tasks.run(() -> {
            held.phase = HeldCommand.Phase.OVER;
            remove(held);
            followersOf(held);
            setFree();
        });
    }

    // ---- tasks

    /** Takes a command that waits from now on, or waits again. Whatever happens, it is here afterwards or has ended. */
    void add(HeldCommand held) {
        try {
            take(held);
        } catch (Throwable thrown) {
            if (held.phase == HeldCommand.Phase.HELD) {
                giveUp(held, new IllegalStateException("a command that was to be sent again could not be", thrown));
            }
            throw thrown;
        }
    }

    private void take(HeldCommand held) {
        if (held.phase == HeldCommand.Phase.OVER) {
            return;
        }
        if (held.request.isAbandoned()) {
            drop(held);
            return;
        }
        held.heldSince = now();
        if (held.request.expiresWhileHeld() && !commandTimeout.isZero()) {
            held.expires = held.heldSince
                    + HostQueue.timeLeft(commandTimeout, held.usedTicks).toNanos();
        }
        RuntimeException refused = refusal;
        if (refused != null) {
            giveUp(held, refused);
            setFree();
            return;
        }
        commands.add(held);
        setFree();
        tryToLeave(held, now());
    }

    /** A command has failed once more, and nothing else is tried: tells the worst that is known of it. */
    void giveUp(HeldCommand held, RuntimeException failure, CommandOutcome outcome) {
        held.failed(failure, outcome);
        remove(held);
        RuntimeException worst = held.failure;
        held.giveUp(worst == null ? failure : worst);
        followersOf(held);
        setFree();
    }

    /** Commands wait from now on. */
    void shut() {
        open = false;
        setFree();
    }

    /**
     * Nothing may be written to these blocks for a while.
     *
     * @param until a moment of the timer
     */
    void protect(List<BlockExtent> extents, long until) {
        lostWrites.add(extents, until);
        setFree();
        if (!lostWrites.isEmpty()) {
            wakeAt(lostWrites.last());
        }
    }

    /** Commands leave from now on. */
    void open() {
        open = true;
        refusal = null;
        long now = now();
        for (HeldCommand held : List.copyOf(commands)) {
            tryToLeave(held, now);
        }
        setFree();
    }

    /**
     * Fails everything that waits, and whatever comes before commands may leave again.
     *
     * @param told what commands hear that have not failed before
     */
    void refuse(RuntimeException told) {
        refusal = told;
        for (HeldCommand held : List.copyOf(commands)) {
            if (held.phase == HeldCommand.Phase.HELD) {
                giveUp(held, told);
            }
        }
        setFree();
    }

    private void giveUp(HeldCommand held, RuntimeException told) {
        remove(held);
        RuntimeException failure = held.failure;
        held.giveUp(held.outcome == CommandOutcome.NOT_SENT || failure == null ? told : failure);
    }

    /** Nothing waits any more. */
    void stop() {
        wake.dispose();
    }

    private void tryToLeave(HeldCommand held, long now) {
        if (held.phase != HeldCommand.Phase.HELD) {
            return;
        }
        if (held.expires <= now) {
            expire(held, commandTimeout);
            return;
        }
        wakeAt(held.expires);
        long from = held.extent == null ? held.notBefore : Math.max(held.notBefore, lostWrites.freeFrom(held.extent));
        if (from > now) {
            wakeAt(from);
            return;
        }
        held.behind = held.extent == null ? null : earlier(held, held.extent);
        if (!open || held.behind != null) {
            return;
        }
        if (held.extent == null) {
            remove(held);
        }
        held.submitTo(held.queues.next(), now);
    }

    private void expire(HeldCommand held, Duration time) {
        remove(held);
        held.giveUp(failures.timeout("a command that waited for a connection", time, held.outcome));
        followersOf(held);
    }

    /** The last command before this one that changes some of the same blocks. */
    private @Nullable HeldCommand earlier(HeldCommand held, BlockExtent extent) {
        HeldCommand last = null;
        for (HeldCommand other : commands) {
            if (other == held) {
                return last;
            }
            if (other.extent != null && other.extent.overlaps(extent)) {
                last = other;
            }
        }
        return last;
    }

    private void followersOf(HeldCommand gone) {
        if (gone.extent == null) {
            return;
        }
        long now = now();
        for (HeldCommand held : new ArrayList<>(commands)) {
            if (held.behind == gone) {
                tryToLeave(held, now);
            }
        }
    }

    private void drop(HeldCommand held) {
        remove(held);
        held.drop();
        followersOf(held);
        setFree();
    }

    private void remove(HeldCommand held) {
        commands.remove(held);
        if (held.counted) {
            held.counted = false;
            count.decrementAndGet();
        }
    }

    private void setFree() {
        boolean ordered = !lostWrites.isEmpty() || !commands.isEmpty();
        readsFree = open;
        free = open && !ordered;
    }

    private long now() {
        return timer.now(TimeUnit.NANOSECONDS);
    }

    private void wakeAt(long moment) {
        if (moment >= wakeAt || moment == HeldCommand.NEVER) {
            return;
        }
        wakeAt = moment;
        try {
            wake.update(
                    timer.schedule(() -> tasks.run(this::awake), Math.max(0, moment - now()), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException disposed) {
            refuse(failures.closed(null));
        }
    }

    private void awake() {
        wakeAt = HeldCommand.NEVER;
        long now = now();
        lostWrites.forgetUntil(now);
        if (!lostWrites.isEmpty()) {
            wakeAt(lostWrites.last());
        }
        for (HeldCommand held : List.copyOf(commands)) {
            tryToLeave(held, now);
        }
        setFree();
    }
}
