package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.Termination;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The way of a request from the thread that submits it to a slot: over the inbox to the event loop, if need be over the
 * list of those that wait, and to the slot when one is free. Event loop only, but for {@link #offer}.
 */
final class RequestSubmission {

    private final EventExecutor executor;
    private final QueueParameters parameters;
    private final Failures failures;
    private final OutstandingCommands outstanding;
    private final SlotWaiters waiters;
    private final QueueClosing closing;
    private final SubmissionInbox inbox;
    private final Runnable acceptTask = this::acceptAll;
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
            case FIRST -> {
                try {
                    executor.execute(acceptTask);
                } catch (RejectedExecutionException loopGone) {
                    // Without an event loop nothing can be sent, and nobody else would ever tell.
                    takeAll(stranded -> reject(stranded, failures.closed(Termination.Closed.EVENT_LOOP_GONE)));
                }
            }
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
        if (refusal != null) {
            reject(request, refusal);
            return;
        }
        request.queue = this;
        if (request.longRunning()) {
            if (outstanding.reservedAvailable() > 0) {
                dispatch(request);
            } else {
                int limit = parameters.reservedSlots();
                String queue = "queue " + parameters.queueId();
                reject(request, failures.limit("long-running commands", limit + 1L, limit, queue));
            }
        } else if (waiters.hasSlotFor(request)) {
            dispatch(request);
        } else if (!waiters.add(request)) {
            reject(request, pendingLimitPassed());
        }
    }

    /** Sends a request for which a slot is free, unless nobody waits for it any more. */
    void dispatch(Request request) {
        if (request.abandoned()) {
            drop(request);
            return;
        }
        boolean reserved = request.longRunning() || (request.essential() && outstanding.reservedAvailable() > 1);
        Slot slot = outstanding.acquire(reserved);
        Command command;
        try {
            command = request.command();
        } catch (Throwable thrown) {
            outstanding.release(slot);
            reject(request, failures.refused(thrown));
            JvmFailures.throwIfJvmFailure(thrown);
            return;
        }
        request.slot = slot;
        outstanding.send(slot, request, command);
    }

    /**
     * Takes a request back, wherever it is.
     *
     * @return whether it had a slot, so that others may have their turn
     */
    boolean cancel(Request request) {
        acceptAll();
        Slot slot = request.slot;
        if (request.isWaiting()) {
            waiters.remove(request);
            drop(request);
            return false;
        }
        if (slot == null) {
            return false;
        }
        request.slot = null;
        if (outstanding.abandon(slot)) {
            drop(request);
        } else {
            request.queue = null;
        }
        return true;
    }

    /** Fails what waits in the lists; nothing was sent. */
    void failWaiting(Termination end) {
        waiters.removeAll(request -> failUnsent(request, end));
    }

    /** Fails what waits in the inbox; nothing was sent. */
    void failInbox(Termination end) {
        takeAll(request -> failUnsent(request, end));
    }

    private void failUnsent(Request request, Termination end) {
        reject(request, failures.terminated("a command that waited for a slot", end, CommandOutcome.NOT_SENT));
    }

    private static void reject(Request request, RuntimeException failure) {
        UserCallBacks.run(() -> request.commandFailed(failure, CommandOutcome.NOT_SENT));
    }

    private static void drop(Request request) {
        request.queue = null;
        UserCallBacks.run(request::dropped);
    }
}
