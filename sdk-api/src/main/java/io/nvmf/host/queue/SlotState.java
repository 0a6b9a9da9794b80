package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the command in a slot. Five things change independently: the {@link Phase} of the capsule, the
 * {@link DataState} of its transfer, its {@link Answer}, the {@link Abort} that may be on its way, and its
 * {@link Deadline}. Only the methods below change them, and each of them throws when its precondition does not hold, so
 * that a call-back that comes twice or too late ends the queue pair instead of damaging the next command in the slot.
 *
 * <table>
 * <caption>All transitions ("submitted" stands for WAITING_TO_LEAVE or ON_THE_WIRE)</caption>
 * <tr><th>method</th><th>allowed when</th><th>afterwards</th></tr>
 * <tr><td>{@link #acquired}</td><td>FREE</td><td>phase TAKEN</td></tr>
 * <tr><td>{@link #dataAttached}</td><td>TAKEN, data NONE</td><td>data OPEN</td></tr>
 * <tr><td>{@link #submitted}</td><td>TAKEN</td>
 *     <td>phase WAITING_TO_LEAVE, with an owner; deadline FIRST or NONE</td></tr>
 * <tr><td>{@link #left}</td><td>WAITING_TO_LEAVE, answer AWAITED</td><td>phase ON_THE_WIRE</td></tr>
 * <tr><td>{@link #dataEnded}</td><td>submitted, data OPEN</td><td>data ENDED, DAMAGED or ABORTED</td></tr>
 * <tr><td>{@link #answered}</td><td>ON_THE_WIRE, answer AWAITED</td><td>answer IN</td></tr>
 * <tr><td>{@link #extended}</td><td>submitted, with an owner, deadline FIRST</td><td>deadline SECOND</td></tr>
 * <tr><td>{@link #abandoned}</td><td>submitted, with an owner, answer not NEVER</td>
 *     <td>an orphan: no owner; deadline FIRST or SECOND, unless long-running</td></tr>
 * <tr><td>{@link #abortRequested}</td><td>an orphan, answer AWAITED, abort NONE</td><td>abort PENDING</td></tr>
 * <tr><td>{@link #abortOver}</td><td>abort PENDING</td><td>abort OVER</td></tr>
 * <tr><td>{@link #takenBack}</td><td>WAITING_TO_LEAVE</td><td>answer NEVER, no owner</td></tr>
 * <tr><td>{@link #cutOff}</td><td>submitted</td><td>answer NEVER, no owner, a pending abort OVER</td></tr>
 * <tr><td>{@link #released}</td><td>TAKEN with data NONE; or {@link #settled} and abort not PENDING</td>
 *     <td>FREE, everything as at first</td></tr>
 * </table>
 *
 * <p>{@link #abortTicket(AbortSender.Ticket)} and {@link #restarted} add to a state without changing it.
 *
 * <p>Each phase begins in one method: TAKEN in {@link #acquired}, WAITING_TO_LEAVE in {@link #submitted}, ON_THE_WIRE
 * in {@link #left}, FREE in {@link #released}; what is to be noted or measured for each phase is added there.
 *
 * <p>A base class of {@link Slot} rather than a part of it, so that slot, state and capsule stay one object. Event loop
 * only.
 */
abstract class SlotState extends CommandCapsule {

    /** Where the capsule is. */
    enum Phase {
        /** In the table of free slots. */
        FREE,
        /** Out of the table, for a command that is being made. */
        TAKEN,
        /** Given to the queue pair, and not bytes yet. */
        WAITING_TO_LEAVE,
        /** Given to the connection as bytes. */
        ON_THE_WIRE
    }

    /** What has become of the data transfer. */
    enum DataState {
        /** The command has no data. */
        NONE,
        /** The transport may touch the buffer. */
        OPEN,
        /** It ended regularly. */
        ENDED,
        /** It ended, and the data digest was wrong. */
        DAMAGED,
        /** It was given up. A response does not help then: the queue pair ends, and its end says why. */
        ABORTED
    }

    /** What has become of the response. */
    enum Answer {
        /** Not in yet; for a command that has left, its outcome is unknown until then. */
        AWAITED,
        /** The controller has answered. */
        IN,
        /** No answer counts any more: the capsule was taken back, or the queue pair has ended. */
        NEVER
    }

    /** What has become of the Abort for the command. */
    enum Abort {
        /** Not requested. */
        NONE,
        /** Requested. It may reach the controller yet and names the identifier, which must not be used again before. */
        PENDING,
        /** Done, or it will never be sent. */
        OVER
    }

    /** How the deadline scan treats the command. */
    enum Deadline {
        /** It may take for ever. */
        NONE,
        /** It is in the period that every command has; for an orphan, in the one that begins when it is abandoned. */
        FIRST,
        /** It has an owner that does not allow an Abort, and is in a second period. */
        SECOND
    }

    private Phase phase = Phase.FREE;
    private DataState dataState = DataState.NONE;
    private Answer answer = Answer.AWAITED;
    private Abort abort = Abort.NONE;
    private Deadline deadline = Deadline.NONE;
    private @Nullable SlotOwner owner;
    private @Nullable ResponseCapsule response;

    /** Withdraws the Abort that is pending. */
    private AbortSender.@Nullable Ticket ticket;

    /** Tick of the deadline scan at which the current period began. */
    private int since;

    // ---- transitions

    final void acquired() {
        require(phase == Phase.FREE, "acquired");
        phase = Phase.TAKEN;
    }

    final void dataAttached() {
        require(phase == Phase.TAKEN && dataState == DataState.NONE, "dataAttached");
        dataState = DataState.OPEN;
    }

    /**
     * The command goes to the queue pair.
     *
     * @param newOwner hears what becomes of it
     * @param timed whether it has a deadline
     * @param tick of the deadline scan
     */
    final void submitted(SlotOwner newOwner, boolean timed, int tick) {
        require(phase == Phase.TAKEN, "submitted");
        phase = Phase.WAITING_TO_LEAVE;
        owner = newOwner;
        deadline = timed ? Deadline.FIRST : Deadline.NONE;
        since = tick;
    }

    /** The capsule has become bytes. */
    final void left() {
        require(phase == Phase.WAITING_TO_LEAVE && answer == Answer.AWAITED, "left");
        phase = Phase.ON_THE_WIRE;
    }

    /**
     * The transport does not touch the buffer any more.
     *
     * @param how ENDED, DAMAGED or ABORTED
     */
    final void dataEnded(DataState how) {
        require(isSubmitted() && dataState == DataState.OPEN, "dataEnded");
        require(how.compareTo(DataState.ENDED) >= 0, "dataEnded");
        dataState = how;
    }

    final void answered(ResponseCapsule received) {
        require(awaitsAnswer(), "answered");
        answer = Answer.IN;
        response = received;
    }

    /** The first period is over; the command keeps its owner for a second one. */
    final void extended(int tick) {
        require(isSubmitted() && owner != null && deadline == Deadline.FIRST, "extended");
        deadline = Deadline.SECOND;
        since = tick;
    }

    /** Nobody waits for the command any more, and it was not or could not be taken back. */
    final void abandoned(int tick) {
        SlotOwner before = owner;
        require(isSubmitted() && before != null && answer != Answer.NEVER, "abandoned");
        owner = null;
        if (before != null && before.longRunning()) {
            deadline = Deadline.NONE;
        } else if (deadline == Deadline.NONE) {
            deadline = Deadline.FIRST;
        }
        since = tick;
    }

    final void abortRequested() {
        require(isOrphan() && answer == Answer.AWAITED && abort == Abort.NONE, "abortRequested");
        abort = Abort.PENDING;
    }

    /** Keeps the way to withdraw the Abort; it may be over already, because it can be done while it is requested. */
    final void abortTicket(AbortSender.Ticket given) {
        if (abort == Abort.PENDING) {
            ticket = given;
        }
    }

    /** No Abort for this command can reach the controller any more. */
    final void abortOver() {
        require(abort == Abort.PENDING, "abortOver");
        abort = Abort.OVER;
        ticket = null;
    }

    /** Starts the current period of the deadline again. */
    final void restarted(int tick) {
        since = tick;
    }

    /** The capsule never leaves. */
    final void takenBack() {
        require(phase == Phase.WAITING_TO_LEAVE, "takenBack");
        answer = Answer.NEVER;
        owner = null;
    }

    /** The queue pair has ended; says nothing new when it is said again. */
    final void cutOff() {
        require(isSubmitted(), "cutOff");
        answer = Answer.NEVER;
        owner = null;
        if (abort == Abort.PENDING) {
            abortOver();
        }
    }

    final void released() {
        require(phase == Phase.TAKEN ? dataState == DataState.NONE : settled() && abort != Abort.PENDING, "released");
        phase = Phase.FREE;
        dataState = DataState.NONE;
        answer = Answer.AWAITED;
        abort = Abort.NONE;
        deadline = Deadline.NONE;
        owner = null;
        response = null;
        ticket = null;
    }

    private void require(boolean allowed, String transition) {
        if (!allowed) {
            throw new IllegalStateException(
                    "command slot " + commandId() + " cannot be " + transition + " in " + state());
        }
    }

    // ---- questions

    /** Whether the command was given to the queue pair. */
    final boolean isSubmitted() {
        return phase == Phase.ON_THE_WIRE || phase == Phase.WAITING_TO_LEAVE;
    }

    final boolean isOnTheWire() {
        return phase == Phase.ON_THE_WIRE;
    }

    /** Whether a response with this identifier is expected. */
    final boolean awaitsAnswer() {
        return phase == Phase.ON_THE_WIRE && answer == Answer.AWAITED;
    }

    final boolean isAnswered() {
        return answer == Answer.IN;
    }

    final boolean isDamaged() {
        return dataState == DataState.DAMAGED;
    }

    /**
     * Whether the command was submitted and nobody waits for it any more, but the peer may still answer it or move its
     * data.
     */
    final boolean isOrphan() {
        return owner == null && answer != Answer.NEVER && isSubmitted();
    }

    final boolean isAbortPending() {
        return abort == Abort.PENDING;
    }

    /** Whether the command is in its second period. */
    final boolean isExtended() {
        return deadline == Deadline.SECOND;
    }

    /**
     * Whether the deadline runs. A command that waits for its Abort has its time when that is over, which has a
     * deadline too.
     */
    final boolean isTimed() {
        return deadline != Deadline.NONE && abort != Abort.PENDING && isSubmitted() && !settled();
    }

    /**
     * Whether nothing more can happen to the command or its buffer. A response does not settle a command whose transfer
     * was aborted: its data did not get through, and the end of the queue pair, which follows, says why.
     */
    final boolean settled() {
        return dataState != DataState.OPEN
                && (answer == Answer.NEVER || answer == Answer.IN && dataState != DataState.ABORTED);
    }

    /** What is known of the command as long as it has not been answered. */
    final CommandOutcome outcome() {
        return phase == Phase.ON_THE_WIRE ? CommandOutcome.UNKNOWN : CommandOutcome.NOT_SENT;
    }

    /** Who hears of the command; null for an orphan, and for one that will not be answered. */
    final @Nullable SlotOwner owner() {
        return owner;
    }

    /** What the controller answered, null until it has. */
    final @Nullable ResponseCapsule response() {
        return response;
    }

    /** The way to withdraw the Abort, if it can be. */
    final AbortSender.@Nullable Ticket abortTicket() {
        return ticket;
    }

    /** Tick at which the current period of the deadline began. */
    final int since() {
        return since;
    }

    /** The state in words, for messages. */
    final String state() {
        return phase + ", data " + dataState + ", answer " + answer + ", abort " + abort + ", deadline " + deadline
                + (owner == null ? ", no owner" : ", with an owner");
    }
}
