package io.nvmf.host.recovery;

import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Request;
import io.nvmf.host.queue.RequestPlace;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request that could not be submitted to a queue, or that a queue has failed: what is known of it, and where it is
 * now. Confined to the tasks of {@link HeldCommands} unless said otherwise.
 */
final class HeldCommand implements RequestPlace {

    enum Phase {
        /** Waits here. */
        HELD,
        /** With a queue. */
        SUBMITTED,
        /** Over. */
        OVER
    }

    /** No moment is later. */
    static final long NEVER = Long.MAX_VALUE;

    final Request request;
    final QueueSelector queues;

    /** The blocks whose order has to be kept; null for a command that changes nothing. */
    final @Nullable BlockExtent extent;

    Phase phase = Phase.HELD;

    /** The worst that is known of an attempt. */
    CommandOutcome outcome = CommandOutcome.NOT_SENT;

    /** Goes with {@link #outcome}; null if no queue has failed the request yet. */
    @Nullable
    RuntimeException failure;

    /** When the request may be submitted at the earliest. */
    long notBefore = Long.MIN_VALUE;

    /** When it fails if it is still here. */
    long expires = NEVER;

    /** The command behind which this waits, or null. */
    @Nullable
    HeldCommand behind;

    int statusRetries;

    /** Ticks of its time that were over when it came here the last time. */
    int usedTicks;

    /** When it came here the last time. */
    long heldSince;

    /** Whether this is in the count of its holder. Whoever has the request at the moment. */
    volatile boolean counted;

    private final HeldCommands holder;

    /** The last queue that had the request. Any thread. */
    private volatile HostQueue queue;

    /** No queue may fail the request into recovery again. Any thread. */
    private volatile boolean givenUp;

    HeldCommand(HeldCommands holder, Request request, QueueSelector queues, HostQueue queue) {
        this.holder = holder;
        this.request = request;
        this.queues = queues;
        this.queue = queue;
        this.extent = request.extent();
    }

    HostQueue queue() {
        return queue;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** Remembers a failed attempt. */
    void failed(RuntimeException cause, CommandOutcome known) {
        phase = Phase.HELD;
        expires = NEVER;
        if (failure == null || (known == CommandOutcome.UNKNOWN && outcome != known)) {
            failure = cause;
            outcome = known;
        }
    }

    void submitTo(HostQueue chosen, long now) {
        phase = Phase.SUBMITTED;
        queue = chosen;
        int ticks = request.expiresWhileHeld() ? usedTicks + chosen.ticks(Duration.ofNanos(now - heldSince)) : 0;
        chosen.submit(request, ticks);
    }

    /** Tells the request that it has failed for good, on the event loop of its last queue. */
    void giveUp(RuntimeException told) {
        phase = Phase.OVER;
        givenUp = true;
        queue.leaveTimer(() -> request.giveUp(told, outcome));
    }

    /** Tells the request that it never leaves. */
    void drop() {
        phase = Phase.OVER;
        givenUp = true;
        queue.leaveTimer(request::discard);
    }

    @Override
    public void cancel(Request cancelled) {
        holder.cancel(this);
    }

    @Override
    public void timeOut(Request late, Duration time) {
        holder.timeOut(this, time);
    }

    @Override
    public void leaveTimer(Runnable task) {
        queue.leaveTimer(task);
    }

    @Override
    public void over(Request ended) {
        holder.over(this);
    }
}
