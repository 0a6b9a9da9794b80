package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The commands that have a slot: sends them, matches responses with them, and tells their owners what became of them.
 * What takes too long is found by {@link CommandDeadlines}, what nobody waits for is kept by {@link OrphanedCommands}.
 * Event loop only.
 */
final class OutstandingCommands {

    private final HostQueuePair queuePair;
    private final QueueParameters parameters;
    private final Failures failures;
    private final Runnable slotsFreed;
    private final QueueEnding ending;
    private final SlotTable table;
    private final CommandDeadlines deadlines;
    private final OrphanedCommands orphans;

    /** Responses received; written on the event loop only, read by anybody. */
    private final AtomicLong answered = new AtomicLong();

    /** Commands sent; written on the event loop only, read by anybody. */
    private final AtomicLong sent = new AtomicLong();

    private @Nullable Termination termination;

    /** Null while nobody wants to know what happens here. */
    private @Nullable QueueInstruments instruments;

    /** Why this side closes the queue pair, which the queue pair itself would report as an orderly close. */
    private @Nullable Termination reason;

    /**
     * @param slotsFreed called after slots may have become free, outside of changes to the slot table
     * @param scanned called when the deadlines of all commands here have been looked at, for those that wait
     * @param waiting whether any command waits for a slot
     * @param ending told why this side closes the queue pair, before it does
     */
    OutstandingCommands(
            HostQueuePair queuePair,
            QueueParameters parameters,
            Failures failures,
            Runnable slotsFreed,
            Runnable scanned,
            BooleanSupplier waiting,
            QueueEnding ending) {
        this.ending = ending;
        this.queuePair = queuePair;
        this.parameters = parameters;
        this.failures = failures;
        this.slotsFreed = slotsFreed;
        this.table = new SlotTable(this, parameters.slots(), parameters.reservedSlots());
        this.deadlines = new CommandDeadlines(table, parameters, queuePair.executor(), this::expired, scanned, waiting);
        this.orphans = new OrphanedCommands(parameters, queuePair.executor(), deadlines, this::signalled);
    }

    /** The clock of the commands here, and of those that wait to come here. */
    CommandDeadlines deadlines() {
        return deadlines;
    }

    /** Those who want to know what happens here; null if there are none. */
    @Nullable
    QueueInstruments instruments() {
        return instruments;
    }

    /** Those who want to know what happens here, who are there from now on. */
    QueueInstruments measuring() {
        QueueInstruments present = instruments;
        if (present == null) {
            present = new QueueInstruments(parameters.queueId());
            instruments = present;
        }
        return present;
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

    // ---- one command

    /** Takes a slot that is known to be free. */
    Slot acquire(boolean reserved) {
        return table.acquire(reserved);
    }

    /** Gives back a slot in which nothing was sent. */
    void release(Slot slot) {
        table.release(slot);
    }

    /**
     * Sends a command in a slot that was acquired for it, or fails it.
     *
     * @param since tick at which its time began
     * @param waited its trace, if it has one already
     */
    void send(Slot slot, SlotOwner owner, Command command, int since, @Nullable GuardedTrace waited) {
        QueueInstruments watching = instruments;
        if (watching != null) {
            watching.begin(slot, owner, command, waited);
        }
        RuntimeException refused = refusal(slot, owner, command);
        if (refused != null) {
            refuse(slot, owner, command, refused);
            return;
        }
        slot.submitted(owner, deadlines.hasDeadline(owner), since);
        queuePair.submit(slot);
    }

    private void refuse(Slot slot, SlotOwner owner, Command command, RuntimeException refused) {
        if (slot.isWatched()) {
            measuring().refused(slot, command, refused);
        }
        table.release(slot);
        UserCallBacks.run(() -> owner.commandFailed(refused, CommandOutcome.NOT_SENT));
    }

    private @Nullable RuntimeException refusal(Slot slot, SlotOwner owner, Command command) {
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
        RejectedExecutionException noClock = deadlines.start();
        if (noClock != null && deadlines.hasDeadline(owner)) {
            CommandMemory.letGo(command);
            return failures.terminated(
                    failures.describe(command), new Termination.IoFailure(noClock), CommandOutcome.NOT_SENT);
        }
        if (MemoryShortage.OF_THIS_JVM.isSuspected()) {
            return openInShortage(slot, command);
        }
        try {
            slot.open(command, queuePair.allocator());
            return null;
        } catch (RuntimeException unusable) {
            return unusable;
        } catch (OutOfMemoryError exhausted) {
            return noMemory(command, -1, exhausted);
        }
    }

    private @Nullable RuntimeException openInShortage(Slot slot, Command command) {
        MemoryShortage shortage = MemoryShortage.OF_THIS_JVM;
        boolean allocates = command.transfer() == CommandCapsule.Transfer.RECEIVE && command.buffer() == null;
        OutOfMemoryError known = allocates ? shortage.refusal(command.dataLength()) : null;
        if (known != null) {
            return failures.noMemory(failures.describe(command), command.dataLength(), known);
        }
        long began = shortage.begin();
        try {
            slot.open(command, queuePair.allocator());
            if (allocates) {
                shortage.succeeded(command.dataLength());
            }
            return null;
        } catch (RuntimeException unusable) {
            return unusable;
        } catch (OutOfMemoryError exhausted) {
            return noMemory(command, began, exhausted);
        }
    }

    private RuntimeException noMemory(Command command, long began, OutOfMemoryError exhausted) {
        MemoryShortage.OF_THIS_JVM.failed(command.dataLength(), began, exhausted);
        return failures.noMemory(failures.describe(command), command.dataLength(), exhausted);
    }

    /** The command in this slot has left. */
    void transmitted(Slot slot) {
        // A queue pair that ends while it converts a capsule says this afterwards.
        if (termination == null) {
            slot.left();
            sent.lazySet(sent.getPlain() + 1);
        }
    }

    void received(ResponseCapsule response) {
        Slot slot = table.find(response.commandId());
        if (slot == null || !slot.awaitsAnswer()) {
            String detail = "response for command identifier " + response.commandId()
                    + (slot == null ? ", which this queue does not have" : ", which is not outstanding");
            closeFor(Termination.ProtocolError.aboveTransport(Termination.Side.LOCAL, detail));
            return;
        }
        answered.lazySet(answered.getPlain() + 1);
        slot.answered(response);
        if (slot.isWatched()) {
            slot.tellResponded(response);
        }
        orphans.answered(slot);
        signalled(slot);
    }

    /** Something came in that may be the last thing the command waited for. */
    void signalled(Slot slot) {
        LateFailure late = slot.takeLate();
        if (late != null) {
            slot.takeData(false);
        }
        if (slot.settled() && finish(slot)) {
            slotsFreed.run();
        }
        if (late != null) {
            late.tell();
        }
    }

    /**
     * Frees the slot of a command that is settled, and tells its owner.
     *
     * @return false if the identifier is not free yet
     */
    private boolean finish(Slot slot) {
        if (slot.isAbortPending()) {
            slot.takeData(false); // The Abort on its way can hit the identifier, but not the memory.
            return false;
        }
        SlotOwner owner = slot.owner();
        Command command = slot.command();
        ResponseCapsule answer = slot.answer();
        int bytes = slot.bytes();
        if (slot.isWatched() && owner != null && command != null && answer != null) {
            measuring().answered(slot, command, answer, bytes);
        }
        ByteBuf data = slot.takeData(owner != null && answer != null && answer.isSuccess());
        orphans.remove(slot);
        // Free before the call-back: what it submits next finds the slot.
        table.release(slot);
        if (owner != null && command != null && answer != null) {
            try {
                owner.commandDone(command, answer, data, bytes);
            } catch (Throwable thrown) {
                UserCallBacks.failed(thrown);
            }
        }
        return true;
    }

    // ---- commands that are given up

    /** The command in this slot was not wanted any more when it was to become bytes. */
    void withdrawn(Slot slot) {
        SlotOwner owner = slot.owner();
        orphans.remove(slot);
        tellUnanswered(slot, Unanswered.CANCELLED, null);
        slot.takenBack();
        if (slot.settled()) {
            finish(slot);
        }
        if (owner != null) {
            UserCallBacks.run(owner::commandWithdrawn);
        }
        slotsFreed.run();
    }

    /**
     * Takes back a command that nobody waits for, or leaves it behind as an orphan.
     *
     * @return whether it never leaves
     */
    boolean abandon(Slot slot) {
        SlotOwner owner = slot.owner();
        if (owner == null) {
            return false; // Its time is up or the queue pair has ended, and its owner hears of that next.
        }
        tellUnanswered(slot, Unanswered.CANCELLED, null);
        if (termination != null) {
            boolean neverLeft = !slot.isOnTheWire();
            slot.cutOff();
            return neverLeft;
        }
        if (!slot.isOnTheWire() && queuePair.withdraw(slot)) {
            slot.takenBack();
            if (slot.settled()) {
                finish(slot);
            }
            return true;
        }
        discardData(slot);
        if (instruments != null) {
            instruments.orphaned(slot);
        }
        if (!orphans.add(slot, owner)) {
            closeFor(new Termination.IoFailure(failures.limit(
                    "orphaned commands",
                    orphans.count(),
                    parameters.orphanLimit(),
                    "queue " + parameters.queueId() + " is closed")));
        }
        return false;
    }

    /** Nobody wants what the controller may still send; where the transport can throw it away, the memory is free. */
    private void discardData(Slot slot) {
        if (slot.transfer() == CommandCapsule.Transfer.RECEIVE && slot.isWithinReach() && queuePair.discardData(slot)) {
            slot.takeData(false);
        }
    }

    /**
     * Tells an owner that its command, which it has no more, has failed; not before the memory that it may have lent is
     * out of the controller's reach.
     */
    private void fail(Slot slot, SlotOwner owner, RuntimeException failure, CommandOutcome outcome) {
        LateFailure news = new LateFailure(owner, failure, outcome);
        if (slot.isDestinationWithinReach()) {
            slot.owes(news);
        } else {
            news.tell();
        }
    }

    /** Tells those who measure that nobody waits for a command any more; only the first reason counts. */
    private void tellUnanswered(Slot slot, Unanswered why, @Nullable RuntimeException failure) {
        if (instruments != null) {
            instruments.unanswered(slot, why, failure);
        }
    }

    /** Abandons all commands of an owner. */
    void abandonAll(SlotOwner owner) {
        for (int i = 0; i < table.size(); i++) {
            if (table.at(i).owner() == owner) {
                abandon(table.at(i));
            }
        }
    }

    private void expired(Slot slot) {
        SlotOwner owner = slot.owner();
        if (owner == null || slot.isExtended()) {
            closeFor(new Termination.IoFailure(failures.timeout(
                    owner == null ? "response to aborted " + name(slot) : name(slot),
                    deadlines.timeoutOfAll(slot),
                    CommandOutcome.UNKNOWN)));
            return;
        }
        if (!owner.abortable()) {
            slot.extended(deadlines.now());
            return;
        }
        timeOut(slot, deadlines.timeout());
    }

    /** Fails a command whose time is over, and leaves it behind as an orphan if it was sent. */
    void timeOut(Slot slot, Duration time) {
        SlotOwner owner = slot.owner();
        if (owner == null) {
            return; // It has failed already, and its owner hears of that when its memory is free.
        }
        CommandOutcome outcome = slot.outcome();
        RuntimeException failure = failures.timeout(name(slot), time, outcome);
        tellUnanswered(slot, Unanswered.TIMEOUT, failure);
        abandon(slot);
        fail(slot, owner, failure, outcome);
    }

    private String name(Slot slot) {
        Command command = slot.command();
        return command == null ? "a command" : failures.describe(command);
    }

    // ---- the end

    /** Closes the queue pair for a reason of this side. */
    void closeFor(Termination why) {
        if (reason == null && termination == null) {
            reason = why;
            // Before the controller can hear of it: what it does to other queues then is no reason of its own.
            UserCallBacks.run(() -> ending.ending(why));
            queuePair.close().subscribe();
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
        tellUnanswered();
        // Those that left first: a stream hears the worst that is known of any of its commands.
        failAll(end, true);
        failAll(end, false);
    }

    private void tellUnanswered() {
        for (int i = 0; i < table.size(); i++) {
            Slot slot = table.at(i);
            Command command = slot.command();
            if (command != null && slot.isOnTheWire() && slot.awaitsAnswer()) {
                UserCallBacks.run(() -> ending.unanswered(command));
            }
        }
    }

    private void failAll(Termination end, boolean sent) {
        for (int i = 0; i < table.size(); i++) {
            Slot slot = table.at(i);
            if (!slot.isSubmitted() || slot.isOnTheWire() != sent) {
                continue;
            }
            SlotOwner owner = slot.owner();
            CommandOutcome outcome = slot.outcome();
            RuntimeException failure = owner == null ? null : failures.terminated(name(slot), end, outcome);
            if (owner != null) {
                tellUnanswered(slot, Unanswered.LOST, failure);
            }
            slot.cutOff();
            // A transport that has not ended the transfer yet may still write: then the buffer goes when it has.
            if (slot.settled()) {
                finish(slot);
            } else {
                discardData(slot);
            }
            if (owner != null && failure != null) {
                fail(slot, owner, failure, outcome);
            }
        }
    }
}
