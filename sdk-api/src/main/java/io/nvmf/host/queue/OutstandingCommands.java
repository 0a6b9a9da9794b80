package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The commands that have a slot: sends them, matches responses with them, and decides what becomes of those that nobody waits
 * for any more or that take too long. Event loop only.
 */
final class OutstandingCommands {

    private static final Logger LOG = LoggerFactory.getLogger(OutstandingCommands.class);

    private final HostQueuePair queuePair;
    private final QueueParameters parameters;
    private final Failures failures;
    private final Runnable slotsFreed;
    private final Consumer<? super Termination> ending;
    private final SlotTable table;
    private final DeadlineScan deadlines;

    /** Commands that somebody waits for have a deadline; orphans have one always. */
    private final boolean bounded;

    /** Responses received; written on the event loop only, read by anybody. */
    private final AtomicLong answered = new AtomicLong();

    /** Commands sent; written on the event loop only, read by anybody. */
    private final AtomicLong sent = new AtomicLong();

    private int orphans;
    private @Nullable Termination termination;

    /** Why this side closes the queue pair, which the queue pair itself would report as an orderly close. */
    private @Nullable Termination reason;

    /**
     * @param slotsFreed called after slots may have become free, outside of changes to the slot table
     * @param ending told why this side closes the queue pair, before it does
     */
    OutstandingCommands(
            HostQueuePair queuePair,
            QueueParameters parameters,
            Failures failures,
            Runnable slotsFreed,
            Consumer<? super Termination> ending) {
        this.ending = ending;
        this.queuePair = queuePair;
        this.parameters = parameters;
        this.failures = failures;
        this.slotsFreed = slotsFreed;
        this.table = new SlotTable(this, parameters.slots(), parameters.reservedSlots());
        this.bounded = !parameters.commandTimeout().isZero();
        this.deadlines = new DeadlineScan(
                bounded ? parameters.commandTimeout() : QueueParameters.ORPHAN_TIMEOUT,
                parameters.timer(),
                queuePair.executor(),
                this::checkDeadlines);
    }

    /** How many slots ordinary commands could take now. */
    int available() {
        return table.available();
    }

    /** How many slots long-running commands could take now. */
    int reservedAvailable() {
        return table.reservedAvailable();
    }

    boolean isIdle() {
        return table.isIdle();
    }

    /** Number of responses received; any thread. */
    long answered() {
        return answered.get();
    }

    /** Number of commands sent; any thread. */
    long sent() {
        return sent.get();
    }

    /** A command has left. */
    void transmitted() {
        sent.lazySet(sent.getPlain() + 1);
    }

    /** Takes a slot that is known to be free. */
    Slot acquire(boolean reserved) {
        return table.acquire(reserved);
    }

    /** Gives back a slot in which nothing was sent. */
    void release(Slot slot) {
        table.release(slot);
    }

    /** Sends a command in a slot that was acquired for it, or fails it. */
    void send(Slot slot, SlotOwner user, Command command) {
        RuntimeException refused = refusal(slot, user, command);
        if (refused != null) {
            table.release(slot);
            guarded(() -> user.commandFailed(refused, CommandOutcome.NOT_SENT));
            return;
        }
        slot.user = user;
        slot.since = deadlines.stamp();
        queuePair.submit(slot);
    }

    private @Nullable RuntimeException refusal(Slot slot, SlotOwner user, Command command) {
        Termination end = termination;
        if (end != null) {
            CommandMemory.letGo(command);
            return failures.closed(end);
        }
        long limit = queuePair.maxTransferSize();
        if (limit != HostQueuePair.UNLIMITED && command.dataLength() > limit) {
            CommandMemory.letGo(command);
            return failures.limit("maxTransferSize", command.dataLength(), limit, command.toString());
        }
        slot.timed = !user.longRunning() && (bounded || user.essential());
        RejectedExecutionException noClock = deadlines.start();
        if (noClock != null && slot.timed) {
            CommandMemory.letGo(command);
            return failures.terminated(
                    failures.describe(command), new Termination.IoFailure(noClock), CommandOutcome.NOT_SENT);
        }
        try {
            slot.open(command, queuePair.allocator());
            return null;
        } catch (RuntimeException unusable) {
            return unusable;
        } catch (OutOfMemoryError exhausted) {
            return failures.noMemory(failures.describe(command), command.dataLength(), exhausted);
        }
    }

    void received(ResponseCapsule response) {
        Slot slot = table.find(response.commandId());
        if (slot == null || !slot.active || !slot.transmitted || slot.response != null) {
            String detail = "response for command identifier " + response.commandId()
                    + (slot == null ? ", which this queue does not have" : ", which is not outstanding");
            closeFor(Termination.ProtocolError.aboveTransport(Termination.Side.LOCAL, detail));
            return;
        }
        answered.lazySet(answered.getPlain() + 1);
        slot.response = response;
        AbortSender.Ticket abort = slot.abort;
        if (abort != null && abort.drop()) {
            slot.aborting = false;
            slot.abort = null;
        }
        signalled(slot);
    }

    /** One of the two signals of a command came in. */
    void signalled(Slot slot) {
        if (!slot.settled()) {
            return;
        }
        if (slot.aborting) {
            slot.takeData(false); // The Abort under way can hit the identifier, and not the memory.
            return;
        }
        finish(slot);
        slotsFreed.run();
    }

    /** No Abort for the command in this slot can reach the controller any more: from here on its answer is due. */
    private void abortDone(Slot slot) {
        if (slot.aborting) {
            slot.aborting = false;
            slot.abort = null;
            slot.since = deadlines.stamp();
            signalled(slot);
        }
    }

    private void wishForAbort(Slot slot) {
        slot.aborting = true;
        try {
            AbortSender.Ticket ticket = parameters
                    .aborter()
                    .abort(
                            parameters.queueId(),
                            slot.commandId(),
                            () -> EventLoopTasks.run(queuePair.executor(), () -> abortDone(slot)));
            if (slot.aborting) {
                slot.abort = ticket;
            }
        } catch (Throwable thrown) {
            slot.aborting = false;
            drop(thrown);
        }
    }

    private void finish(Slot slot) {
        SlotOwner user = slot.user;
        Command command = slot.command;
        ResponseCapsule answer = slot.answer();
        int bytes = slot.bytes();
        ByteBuf data = slot.takeData(user != null && answer != null && answer.isSuccess());
        if (slot.orphan) {
            orphans--;
        }
        // Free before the call-back: what it submits next finds the slot.
        table.release(slot);
        if (user != null && command != null && answer != null) {
            try {
                user.commandDone(new Completion(command, answer, data, bytes));
            } catch (Throwable thrown) {
                drop(thrown);
            }
        }
    }

    /** The command in this slot was not wanted any more when it was to become bytes. */
    void withdrawn(Slot slot) {
        SlotOwner user = slot.user;
        slot.user = null;
        slot.unanswerable = true;
        if (slot.settled()) {
            finish(slot);
        }
        if (user != null) {
            guarded(user::commandWithdrawn);
        }
        slotsFreed.run();
    }

    /**
     * Takes back a command nobody waits for, or leaves it behind as an orphan.
     *
     * @return whether it never leaves
     */
    boolean abandon(Slot slot) {
        SlotOwner user = slot.user;
        slot.user = null;
        if (termination != null) {
            return !slot.transmitted;
        }
        if (!slot.transmitted && queuePair.withdraw(slot)) {
            slot.unanswerable = true;
            if (slot.settled()) {
                finish(slot);
            }
            return true;
        }
        slot.orphan = true;
        slot.timed = user == null || !user.longRunning();
        deadlines.start();
        slot.since = deadlines.stamp();
        orphans++;
        if (slot.response == null && (user == null || user.abortable())) {
            wishForAbort(slot);
        }
        if (orphans > parameters.orphanLimit()) {
            closeFor(new Termination.IoFailure(failures.limit(
                    "orphaned commands",
                    orphans,
                    parameters.orphanLimit(),
                    "queue " + parameters.queueId() + " is closed")));
        }
        return false;
    }

    private void checkDeadlines() {
        if (table.isIdle()) {
            deadlines.stop();
            return;
        }
        for (int i = 0; i < table.size() && termination == null; i++) {
            Slot slot = table.at(i);
            // One that waits for its Abort has its time when that is done, which has a deadline of its own.
            boolean due = slot.active && slot.timed && !slot.aborting && !slot.settled();
            if (due && deadlines.passed(slot.since)) {
                expired(slot);
            }
        }
        slotsFreed.run();
    }

    private void expired(Slot slot) {
        Duration timeout = bounded ? parameters.commandTimeout() : QueueParameters.ORPHAN_TIMEOUT;
        SlotOwner user = slot.user;
        if (user != null && !user.abortable() && !slot.late) {
            slot.late = true;
            slot.since = deadlines.stamp();
            return;
        }
        if (user == null || slot.late) {
            closeFor(new Termination.IoFailure(failures.timeout(
                    user == null ? "response to aborted " + name(slot) : name(slot),
                    bounded || slot.late ? timeout.multipliedBy(2) : timeout,
                    CommandOutcome.UNKNOWN)));
            return;
        }
        CommandOutcome outcome = outcome(slot);
        RuntimeException failure = failures.timeout(name(slot), timeout, outcome);
        abandon(slot);
        guarded(() -> user.commandFailed(failure, outcome));
    }

    private String name(Slot slot) {
        Command command = slot.command;
        return command == null ? "a command" : failures.describe(command);
    }

    private static CommandOutcome outcome(Slot slot) {
        return slot.transmitted ? CommandOutcome.UNKNOWN : CommandOutcome.NOT_SENT;
    }

    /** Closes the queue pair for a reason of this side. */
    void closeFor(Termination why) {
        if (reason == null && termination == null) {
            reason = why;
            // Before the controller can hear of it: what it does to other queues then is no reason of its own.
            guarded(() -> ending.accept(why));
            queuePair.close().subscribe();
        }
    }

    /** Abandons all commands of a user. */
    void abandonAll(SlotOwner user) {
        for (int i = 0; i < table.size(); i++) {
            if (table.at(i).user == user) {
                abandon(table.at(i));
            }
        }
    }

    /** Why the queue pair has ended, given what it says itself. */
    Termination reason(Termination reported) {
        return reason == null ? reported : reason;
    }

    /** Fails everything; nothing is sent from now on. */
    void end(Termination end) {
        termination = end;
        deadlines.stop();
        // Those that left first: a stream hears the worst that is known of any of its commands.
        failAll(end, true);
        failAll(end, false);
    }

    private void failAll(Termination end, boolean sent) {
        for (int i = 0; i < table.size(); i++) {
            Slot slot = table.at(i);
            if (!slot.active || slot.transmitted != sent) {
                continue;
            }
            SlotOwner user = slot.user;
            CommandOutcome outcome = outcome(slot);
            RuntimeException failure = user == null ? null : failures.terminated(name(slot), end, outcome);
            slot.user = null;
            slot.unanswerable = true;
            slot.aborting = false;
            slot.abort = null;
            // A transport that has not ended the transfer yet may still write: then the buffer goes when it has.
            if (slot.settled()) {
                finish(slot);
            }
            if (user != null && failure != null) {
                guarded(() -> user.commandFailed(failure, outcome));
            }
        }
    }

    /** Runs code of others, whose failure must not disturb the commands of everybody else. */
    static void guarded(Runnable callBack) {
        try {
            callBack.run();
        } catch (Throwable thrown) {
            drop(thrown);
        }
    }

    static void drop(Throwable thrown) {
        JvmFailures.throwIfJvmFailure(thrown);
        try {
            Operators.onErrorDropped(thrown, Context.empty());
        } catch (Throwable fromHook) {
            LOG.warn("a call-back failed, and so did the hook for dropped errors", fromHook);
        }
    }
}
