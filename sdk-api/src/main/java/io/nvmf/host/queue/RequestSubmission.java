package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request from the thread that submits it to a slot: over the inbox to the event loop, if need be over the
 * list of those that wait, and to the slot when one is free. Event loop only, but for {@link #offer}.
 */
final class RequestSubmission implements QueuePlace {

    private final EventExecutor executor;
    private final QueueParameters parameters;
    private final Failures failures;
    private final OutstandingCommands outstanding;
    private final CommandDeadlines deadlines;
    private final SlotWaiters waiters;
    private final QueueClosing closing;
    private final SubmissionInbox inbox;
    private final EventLoopTasks.WakeUp accept = new Accept();
    private final Consumer<Request> accepting = this::accept;

    RequestSubmission(
            EventExecutor executor,
            QueueParameters parameters,
            Failures failures,
            OutstandingCommands outstanding,
            SlotWaiters waiters,
            QueueClosing closing) {
        this.executor = executor;
        this.parameters = parameters;
        this.failures = failures;
        this.outstanding = outstanding;
        this.deadlines = outstanding.deadlines();
        this.waiters = waiters;
        this.closing = closing;
        this.inbox = new SubmissionInbox(
                (int) Math.min((long) parameters.slots() + parameters.pendingLimit(), Integer.MAX_VALUE));
    }

    /**
     * Brings a request to the event loop. Any thread.
     *
     * @return false if the inbox is full; the request was not taken then
     */
    boolean offer(Request request) {
        if (executor.inEventLoop()) {
            accept(request);
            return true;
        }
        switch (inbox.offer(request)) {
            case FULL -> {
                return false;
            }
            case FIRST -> EventLoopTasks.wake(executor, accept);
            case BEHIND -> {}
        }
        return true;
    }

    /** What a request fails with that finds too many before it. */
    RuntimeException pendingLimitPassed() {
        return failures.limit(
                "pending commands",
                (long) parameters.pendingLimit() + 1,
                parameters.pendingLimit(),
                "queue " + parameters.queueId() + " has " + parameters.slots() + " slots, all taken");
    }

    /** Accepts what is in the inbox. */
    void acceptAll() {
        takeAll(accepting);
    }

    /** Makes the event loop accept what is in the inbox. */
    private final class Accept implements EventLoopTasks.WakeUp {

        @Override
        public void run() {
            acceptAll();
        }

        /** Without an event loop nothing can be sent, and nobody else would ever tell. */
        @Override
        public void afterTheEnd() {
            rejectInbox(() -> failures.closed(Termination.Closed.EVENT_LOOP_GONE));
        }
    }

    private void rejectInbox(Supplier<RuntimeException> failure) {
        takeAll(request -> {
            request.since = deadlines.now() - request.since;
            reject(request, failure.get());
        });
    }

    private void takeAll(Consumer<? super Request> action) {
        Request request = inbox.takeAll();
        while (request != null) {
            Request following = (Request) request.next;
            request.next = null;
            action.accept(request);
            request = following;
        }
    }

    private void accept(Request request) {
        if (request.abandoned()) {
            drop(request);
            return;
        }
        RuntimeException refusal = closing.refusal();
        int used = request.since;
        request.since = deadlines.now() - used;
        if (refusal != null) {
            reject(request, refusal);
            return;
        }
        if (used != 0 && deadlines.isOver(request)) {
            rejectLate(request, deadlines.timeout());
            return;
        }
        if (request.longRunning()) {
            int kept = request.essential() ? 0 : 1;
            if (outstanding.reservedAvailable() > kept) {
                dispatch(request);
            } else {
                int limit = Math.max(0, parameters.reservedSlots() - kept);
                String queue = "queue " + parameters.queueId();
                reject(request, failures.limit("long-running commands", limit + 1L, limit, queue));
            }
        } else if (waiters.hasSlotFor(request)) {
            dispatch(request);
        } else if (waiters.add(request)) {
            request.inQueue = placeOf(request);
            deadlines.start();
        } else {
            reject(request, pendingLimitPassed());
        }
    }

    /** Where a request is that waits here. */
    private QueuePlace placeOf(Request request) {
        QueueInstruments watching = outstanding.instruments();
        GuardedTrace trace = watching == null ? null : watching.accepted(request);
        return trace == null ? this : new TracedWait(this, trace);
    }

    private boolean isWaitingHere(Request request) {
        QueuePlace place = request.inQueue;
        return place == this || (place instanceof TracedWait wait && wait.submission() == this);
    }

    /** Fails those that have waited for a slot until their time was over. */
    void failLate() {
        for (Request late = waiters.pollLate(deadlines); late != null; late = waiters.pollLate(deadlines)) {
            rejectLate(late, deadlines.timeout());
        }
    }

    private void rejectLate(Request request, Duration time) {
        String what = "a command that waited for a free slot of queue " + parameters.queueId();
        RuntimeException failure = failures.timeout(what, time, CommandOutcome.NOT_SENT);
        endTrace(request, Unanswered.TIMEOUT, failure);
        reject(request, failure);
    }

    /** Sends a request for which a slot is free, unless nobody waits for it any more. */
    void dispatch(Request request) {
        if (request.abandoned()) {
            drop(request);
            return;
        }
        GuardedTrace trace = TracedWait.of(request);
        request.inQueue = null;
        boolean reserved = request.longRunning() || (request.essential() && outstanding.reservedAvailable() > 1);
        Slot slot = outstanding.acquire(reserved);
        Command command;
        try {
            command = request.command();
        } catch (Throwable thrown) {
            outstanding.release(slot);
            RuntimeException failure = failures.refused(thrown);
            if (trace != null) {
                trace.failed(Unanswered.NOT_SENT, failure);
            }
            reject(request, failure);
            JvmFailures.throwIfJvmFailure(thrown);
            return;
        }
        request.inQueue = slot;
        outstanding.send(slot, request, command, request.since, trace);
    }

    /**
     * Takes a request back, wherever it is.
     *
     * @return whether it had a slot, so that others may have their turn
     */
    boolean cancel(Request request) {
        acceptAll();
        if (isWaitingHere(request)) {
            waiters.remove(request);
            drop(request);
            return false;
        }
        Slot slot = slotOf(request);
        if (slot == null) {
            return false;
        }
        request.inQueue = null;
        if (outstanding.abandon(slot)) {
            drop(request);
        } else {
            UserCallBacks.run(request::orphaned);
        }
        return true;
    }

    /**
     * Fails a request whose owner has given it a time of its own, wherever it is.
     *
     * @return whether it had a slot, so that others may have their turn
     */
    boolean timeOut(Request request, Duration time) {
        acceptAll();
        if (isWaitingHere(request)) {
            waiters.remove(request);
            rejectLate(request, time);
            return false;
        }
        Slot slot = slotOf(request);
        if (slot == null) {
            return false;
        }
        outstanding.timeOut(slot, time);
        return true;
    }

    /** The slot of this queue that a request has; null if it has none, or one of another queue. */
    private @Nullable Slot slotOf(Request request) {
        return request.inQueue instanceof Slot slot && slot.isOf(outstanding) ? slot : null;
    }

    /** Fails what waits in the lists; nothing was sent. */
    void failWaiting(Termination end) {
        waiters.removeAll(request -> failUnsent(request, end));
    }

    /** Fails what waits in the inbox; nothing was sent. */
    void failInbox(Termination end) {
        rejectInbox(() -> unsent(end));
    }

    private RuntimeException unsent(Termination end) {
        return failures.terminated("a command that waited for a slot", end, CommandOutcome.NOT_SENT);
    }

    private void failUnsent(Request request, Termination end) {
        RuntimeException failure = unsent(end);
        endTrace(request, Unanswered.LOST, failure);
        reject(request, failure);
    }

    private static void reject(Request request, RuntimeException failure) {
        UserCallBacks.run(() -> request.commandFailed(failure, CommandOutcome.NOT_SENT));
    }

    /** Tells whoever traces a request that waits here. */
    private static void endTrace(Request request, Unanswered why, @Nullable RuntimeException failure) {
        GuardedTrace trace = TracedWait.of(request);
        if (trace != null) {
            trace.failed(why, failure);
        }
    }

    private static void drop(Request request) {
        endTrace(request, Unanswered.CANCELLED, null);
        request.inQueue = null;
        UserCallBacks.run(request::dropped);
    }
}
