package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the command in a slot. Five things change independently: the phase of the capsule, the state of
 * its data, its answer, the Abort that may be on its way, and its deadline. Only the methods below change them, and
 * each of them throws when its precondition does not hold, so that a call-back that comes twice or too late ends the
 * queue pair instead of damaging the next command in the slot.
 *
 * <table>
 * <caption>All transitions ("submitted" stands for WAITING_TO_LEAVE or ON_THE_WIRE)</caption>
 * <tr><th>method</th><th>allowed when</th><th>afterwards</th></tr>
 * <tr><td>{@link #acquired}</td><td>FREE</td><td>phase TAKEN</td></tr>
 * <tr><td>{@link #dataAttached}</td><td>TAKEN, NO_DATA</td><td>data OPEN</td></tr>
 * <tr><td>{@link #submitted}</td><td>TAKEN</td>
 *     <td>phase WAITING_TO_LEAVE, with an owner; deadline FIRST or NO_DEADLINE</td></tr>
 * <tr><td>{@link #left}</td><td>WAITING_TO_LEAVE, answer AWAITED</td><td>phase ON_THE_WIRE</td></tr>
 * <tr><td>{@link #dataEnded}</td><td>submitted, data OPEN</td><td>data ENDED, DAMAGED or ABORTED</td></tr>
 * <tr><td>{@link #answered}</td><td>ON_THE_WIRE, answer AWAITED</td><td>answer IN</td></tr>
 * <tr><td>{@link #extended}</td><td>submitted, with an owner, deadline FIRST</td><td>deadline SECOND</td></tr>
 * <tr><td>{@link #abandoned}</td><td>submitted, with an owner, answer not NEVER</td>
 *     <td>an orphan: no owner; deadline FIRST or SECOND, unless long-running</td></tr>
 * <tr><td>{@link #abortRequested}</td><td>an orphan, answer AWAITED, abort NOT_REQUESTED</td>
 *     <td>abort PENDING</td></tr>
 * <tr><td>{@link #abortOver}</td><td>abort PENDING</td><td>abort OVER</td></tr>
 * <tr><td>{@link #takenBack}</td><td>WAITING_TO_LEAVE</td><td>answer NEVER, no owner</td></tr>
 * <tr><td>{@link #cutOff}</td><td>submitted</td><td>answer NEVER, no owner, a pending abort OVER</td></tr>
 * <tr><td>{@link #released}</td><td>TAKEN with NO_DATA; or {@link #settled} and abort not PENDING</td>
 *     <td>FREE, everything as at first</td></tr>
 * </table>
 *
 * <p>{@link #abortTicket(AbortSender.Ticket)} and {@link #restarted} add to a state without changing it.
 *
 * <p>Each phase begins in one method: TAKEN in {@link #acquired}, WAITING_TO_LEAVE in {@link #submitted}, ON_THE_WIRE
 * in {@link #left}, FREE in {@link #released}; what is to be noted or measured for each phase is added there.
 *
 * <p>A base class of {@link Slot} rather than a part of it, so that slot, state and capsule stay one object. Bytes and
 * not enums, because storing a reference costs the garbage collector's barrier. Event loop only.
 */
abstract class SlotState extends CommandCapsule {

    // The phase: where the capsule is.

    /** In the table of free slots. */
    private static final byte FREE = 0;

    /** Out of the table, for a command that is being made. */
    private static final byte TAKEN = 1;

    /** Given to the queue pair, and not bytes yet. */
    private static final byte WAITING_TO_LEAVE = 2;

    /** Given to the connection as bytes. */
    private static final byte ON_THE_WIRE = 3;

    // The data: what has become of the transfer.

    /** The command has no data. */
    private static final byte NO_DATA = 0;

    /** The transport may touch the buffer. */
    private static final byte OPEN = 1;

    /** The transfer ended regularly. */
    private static final byte ENDED = 2;

    /** The transfer ended, and the data digest was wrong. */
    private static final byte DAMAGED = 3;

    /** The transfer was given up. A response does not help then: the queue pair ends, and its end says why. */
    private static final byte ABORTED = 4;

    // The answer: what has become of the response.

    /** Not in yet; for a command that has left, its outcome is unknown until then. */
    private static final byte AWAITED = 0;

    /** The controller has answered. */
    private static final byte IN = 1;

    /** No answer counts any more: the capsule was taken back, or the queue pair has ended. */
    private static final byte NEVER = 2;

    // What has become of the Abort for the command.

    private static final byte NOT_REQUESTED = 0;

    /** It may reach the controller yet and names the identifier, which must not be used again before. */
    private static final byte PENDING = 1;

    /** It is done, or it will never be sent. */
    private static final byte OVER = 2;

    // The deadline: how the scan treats the command.

    /** It may take for ever. */
    private static final byte NO_DEADLINE = 0;

    /** It is in the period that every command has; an orphan, in the one that begins when it is abandoned. */
    private static final byte FIRST = 1;

    /** It has an owner that does not allow an Abort, and is in a second period. */
    private static final byte SECOND = 2;

    private static final String[] PHASES = {"FREE", "TAKEN", "WAITING_TO_LEAVE", "ON_THE_WIRE"};
    private static final String[] DATA = {"NO_DATA", "OPEN", "ENDED", "DAMAGED", "ABORTED"};
    private static final String[] ANSWERS = {"AWAITED", "IN", "NEVER"};
    private static final String[] ABORTS = {"NOT_REQUESTED", "PENDING", "OVER"};
    private static final String[] DEADLINES = {"NO_DEADLINE", "FIRST", "SECOND"};

    private byte phase = FREE;
    private byte dataState = NO_DATA;
    private byte answer = AWAITED;
    private byte abort = NOT_REQUESTED;
    private byte deadline = NO_DEADLINE;
    private @Nullable SlotOwner owner;
    private @Nullable ResponseCapsule response;

    /** Withdraws the Abort that is pending. */
    private AbortSender.@Nullable Ticket ticket;

    /** Tick of the deadline scan at which the current period began. */
    private int since;

    // ---- transitions

    final void acquired() {
        require(phase == FREE, "acquired");
        phase = TAKEN;
    }

    final void dataAttached() {
        require(phase == TAKEN && dataState == NO_DATA, "dataAttached");
        dataState = OPEN;
    }

    /**
     * The command goes to the queue pair.
     *
     * @param newOwner hears what becomes of it
     * @param timed whether it has a deadline
     * @param tick of the deadline scan
     */
    final void submitted(SlotOwner newOwner, boolean timed, int tick) {
        require(phase == TAKEN, "submitted");
        phase = WAITING_TO_LEAVE;
        owner = newOwner;
        deadline = timed ? FIRST : NO_DEADLINE;
        since = tick;
    }

    /** The capsule has become bytes. */
    final void left() {
        require(phase == WAITING_TO_LEAVE && answer == AWAITED, "left");
        phase = ON_THE_WIRE;
    }

    /**
     * The transport does not touch the buffer any more.
     *
     * @param error null if the transfer ended regularly
     */
    final void dataEnded(@Nullable TransferException error) {
        require(isSubmitted() && dataState == OPEN, "dataEnded");
        if (error == null) {
            dataState = ENDED;
        } else {
            dataState = error.kind() == TransferException.Kind.INTEGRITY ? DAMAGED : ABORTED;
        }
    }

    final void answered(ResponseCapsule received) {
        require(awaitsAnswer(), "answered");
        answer = IN;
        response = received;
    }

    /** The first period is over; the command keeps its owner for a second one. */
    final void extended(int tick) {
        require(isSubmitted() && owner != null && deadline == FIRST, "extended");
        deadline = SECOND;
        since = tick;
    }

    /** Nobody waits for the command any more, and it was not or could not be taken back. */
    final void abandoned(int tick) {
        SlotOwner before = owner;
        require(isSubmitted() && before != null && answer != NEVER, "abandoned");
        owner = null;
        if (before != null && before.longRunning()) {
            deadline = NO_DEADLINE;
        } else if (deadline == NO_DEADLINE) {
            deadline = FIRST;
        }
        since = tick;
    }

    final void abortRequested() {
        require(isOrphan() && answer == AWAITED && abort == NOT_REQUESTED, "abortRequested");
        abort = PENDING;
    }

    /** Keeps the way to withdraw the Abort; it may be over already, because it can be done while it is requested. */
    final void abortTicket(AbortSender.Ticket given) {
        if (abort == PENDING) {
            ticket = given;
        }
    }

    /** No Abort for this command can reach the controller any more. */
    final void abortOver() {
        require(abort == PENDING, "abortOver");
        abort = OVER;
        ticket = null;
    }

    /** Starts the current period of the deadline again. */
    final void restarted(int tick) {
        since = tick;
    }

    /** The capsule never leaves. */
    final void takenBack() {
        require(phase == WAITING_TO_LEAVE, "takenBack");
        answer = NEVER;
        owner = null;
    }

    /** The queue pair has ended; says nothing new when it is said again. */
    final void cutOff() {
        require(isSubmitted(), "cutOff");
        answer = NEVER;
        owner = null;
        if (abort == PENDING) {
            abortOver();
        }
    }

    final void released() {
        require(phase == TAKEN ? dataState == NO_DATA : settled() && abort != PENDING, "released");
        phase = FREE;
        dataState = NO_DATA;
        answer = AWAITED;
        abort = NOT_REQUESTED;
        deadline = NO_DEADLINE;
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
        return phase == ON_THE_WIRE || phase == WAITING_TO_LEAVE;
    }

    final boolean isOnTheWire() {
        return phase == ON_THE_WIRE;
    }

    /** Whether a response with this identifier is expected. */
    final boolean awaitsAnswer() {
        return phase == ON_THE_WIRE && answer == AWAITED;
    }

    final boolean isAnswered() {
        return answer == IN;
    }

    final boolean isDamaged() {
        return dataState == DAMAGED;
    }

    /**
     * Whether the command was submitted and nobody waits for it any more, but the peer may still answer it or move its
     * data.
     */
    final boolean isOrphan() {
        return owner == null && answer != NEVER && isSubmitted();
    }

    /** Whether the transfer of the data has not ended. */
    final boolean isDataOpen() {
        return dataState == OPEN;
    }

    final boolean isAbortPending() {
        return abort == PENDING;
    }

    /** Whether the command is in its second period. */
    final boolean isExtended() {
        return deadline == SECOND;
    }

    /**
     * Whether the deadline runs. A command that waits for its Abort has its time when that is over, which has a
     * deadline too.
     */
    final boolean isTimed() {
        return deadline != NO_DEADLINE && abort != PENDING && isSubmitted() && !settled();
    }

    /**
     * Whether nothing more can happen to the command or its buffer. A response does not settle a command whose transfer
     * was aborted: its data did not get through, and the end of the queue pair, which follows, says why.
     */
    final boolean settled() {
        return dataState != OPEN && (answer == NEVER || answer == IN && dataState != ABORTED);
    }

    /** What is known of the command as long as it has not been answered. */
    final CommandOutcome outcome() {
        return phase == ON_THE_WIRE ? CommandOutcome.UNKNOWN : CommandOutcome.NOT_SENT;
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
        return PHASES[phase] + ", data " + DATA[dataState] + ", answer " + ANSWERS[answer] + ", abort "
                + ABORTS[abort] + ", deadline " + DEADLINES[deadline]
                + (owner == null ? ", no owner" : ", with an owner");
    }
}
