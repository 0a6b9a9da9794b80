package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;

/**
 * One place for an outstanding command, and the command capsule itself; its index is the command identifier. It holds
 * the data buffer until both the response and the end of the data transfer are in. {@link SlotState} says what happens
 * in which order. Event loop only.
 *
 * <p>A slot without an owner is an orphan: its command was sent and nobody waits for it any more, but the peer may
 * still move its data, so neither its buffer nor its identifier may be used again.
 */
final class Slot extends SlotState implements QueuePlace {

    private static final Status DAMAGED = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);

    private final OutstandingCommands outstanding;

    private @Nullable Command command;

    /** Whether this slot was taken from the reserved ones. */
    private boolean reserved;

    /** Whether the SDK made the buffer, so that received data has no other owner. */
    private boolean ownMemory;

    private long bytes;

    /** What an owner that is no more is told when its memory is out of reach. */
    private @Nullable LateFailure late;

    // What is measured, which is nothing unless somebody listens. What is done then stands in methods of its own, so
    // that the others stay small.

    /** Whether somebody hears of this command. */
    private boolean watched;

    /** When the command got this slot, as {@link System#nanoTime()} has it; 0 if nobody measures it. */
    private long measuredSince;

    /** Whether its end was told. */
    private boolean endMeasured;

    private boolean measuredAsOrphan;

    /** Whether its memory was told of. */
    private boolean memoryMeasured;

    private @Nullable GuardedTrace trace;

    Slot(OutstandingCommands outstanding, int index) {
        this.outstanding = outstanding;
        commandId(index);
    }

    boolean isOf(OutstandingCommands commands) {
        return outstanding == commands;
    }

    void acquire(boolean fromReserved) {
        acquired();
        reserved = fromReserved;
    }

    boolean isReserved() {
        return reserved;
    }

    /** The command; null while it is being made. */
    @Nullable
    Command command() {
        return command;
    }

    /**
     * Takes a command with its data; what it sends, and the reference to its destination, is owned by this slot
     * afterwards, or released if this fails.
     *
     * @throws IllegalReferenceCountException if the command's buffer is gone
     * @throws IllegalStateException on a second submission of data
     */
    void open(Command taken, ByteBufAllocator allocator) {
        command = taken;
        ByteBuf buffer = taken.buffer();
        int length = taken.dataLength();
        if (buffer != null && buffer.refCnt() == 0) {
            throw CommandMemory.released(taken);
        }
        switch (taken.transfer()) {
            case NONE -> {}
            case SEND -> {
                if (!taken.claimData()) {
                    throw new IllegalStateException(
                            "the data of " + taken + " was given away when it was first submitted");
                }
                attach(Transfer.SEND, requireBuffer(buffer), length);
            }
            case RECEIVE -> {
                ownMemory = buffer == null;
                attach(Transfer.RECEIVE, buffer == null ? allocator.directBuffer(length, length) : buffer, length);
            }
        }
    }

    private static ByteBuf requireBuffer(@Nullable ByteBuf buffer) {
        if (buffer == null) {
            throw new IllegalArgumentException("a command that sends data has no buffer");
        }
        return buffer;
    }

    private void attach(Transfer direction, ByteBuf buffer, int length) {
        try {
            attachData(direction, buffer, length);
        } catch (IllegalArgumentException changed) {
            // The caller has moved the indices since it made the command.
            buffer.release();
            throw changed;
        }
        if (length == 0) {
            buffer.release();
        } else {
            dataAttached();
            if (watched) {
                tellMemoryTaken();
            }
        }
    }

    @Override
    public void encode(ByteBuf target, int index) {
        Command stated = command;
        if (stated != null) {
            stated.encode(target, index);
        }
    }

    @Override
    public boolean wanted() {
        SlotOwner waiting = owner();
        return waiting != null && !waiting.abandoned();
    }

    @Override
    public void withdrawn() {
        outstanding.withdrawn(this);
    }

    @Override
    public void transmitted() {
        outstanding.transmitted(this);
        if (watched) {
            tellTransmitted();
        }
    }

    @Override
    public void dataRequested(long requested) {
        if (trace != null) {
            trace.dataRequested(requested);
        }
    }

    @Override
    public void transferComplete(long moved, @Nullable TransferException error) {
        dataEnded(error);
        bytes = moved;
        if (watched) {
            tellTransferred();
        }
        outstanding.signalled(this);
    }

    /** The response, or what the host makes of it; null if there is none. */
    @Nullable
    ResponseCapsule answer() {
        ResponseCapsule answer = response();
        return answer != null && isDamaged() && answer.isSuccess()
                ? ResponseCapsule.madeByHost(commandId(), DAMAGED)
                : answer;
    }

    /** Bytes moved. */
    int bytes() {
        return (int) Math.min(bytes, dataLength());
    }

    /**
     * Lets go of the buffer.
     *
     * @param wanted whether received data in memory of the SDK is handed on rather than released
     */
    @Nullable
    ByteBuf takeData(boolean wanted) {
        int received = bytes();
        if (watched) {
            tellMemoryReturned();
        }
        ByteBuf buffer = detachData();
        if (buffer == null) {
            return null;
        }
        if (wanted && ownMemory) {
            return buffer.setIndex(0, received);
        }
        buffer.release();
        return null;
    }

    /** Whether the transport may write into the buffer, or read it. */
    boolean isWithinReach() {
        return data() != null && isDataOpen();
    }

    /** Whether that is memory of the caller's that the controller may write into. */
    boolean isDestinationWithinReach() {
        return !ownMemory && transfer() == Transfer.RECEIVE && isWithinReach();
    }

    /** Keeps a failure until {@link #isDestinationWithinReach} is over. */
    void owes(LateFailure failure) {
        late = failure;
    }

    /** The failure that was kept, once it can be told. */
    @Nullable
    LateFailure takeLate() {
        LateFailure due = late;
        if (due == null || isDestinationWithinReach()) {
            return null;
        }
        late = null;
        return due;
    }

    // ---- what is measured

    /** Whether somebody hears of this command. */
    boolean isWatched() {
        return watched;
    }

    private void tellMemoryTaken() {
        if (measuredSince != 0) {
            memoryMeasured = true;
            outstanding.measuring().memoryTaken(dataLength());
        }
    }

    private void tellMemoryReturned() {
        if (memoryMeasured) {
            memoryMeasured = false;
            outstanding.measuring().memoryReturned(dataLength());
        }
    }

    private void tellTransmitted() {
        if (trace != null) {
            trace.transmitted();
        }
    }

    private void tellTransferred() {
        if (measuredSince != 0 && isDamaged()) {
            outstanding.measuring().digestWrong();
        }
        if (trace != null) {
            trace.dataEnded(bytes);
        }
    }

    void tellResponded(ResponseCapsule response) {
        if (trace != null) {
            trace.responded(response);
        }
    }

    /** From now on the command is measured. */
    void measuredSince(long nanoTime) {
        watched = true;
        measuredSince = nanoTime == 0 ? 1 : nanoTime;
    }

    long measuredSince() {
        return measuredSince;
    }

    boolean isMeasured() {
        return measuredSince != 0;
    }

    /** Whether the command is measured and its end was not told yet, which is done with this. */
    boolean endMeasured() {
        if (measuredSince == 0 || endMeasured) {
            return false;
        }
        endMeasured = true;
        return true;
    }

    void measuredAsOrphan(boolean orphan) {
        measuredAsOrphan = orphan;
    }

    boolean isMeasuredAsOrphan() {
        return measuredAsOrphan;
    }

    void trace(GuardedTrace traced) {
        watched = true;
        trace = traced;
    }

    /** The trace of the command; null without one. */
    @Nullable
    GuardedTrace trace() {
        return trace;
    }

    private void forgetMeasured() {
        outstanding.measuring().released(this);
        watched = false;
        measuredSince = 0;
        endMeasured = false;
        trace = null;
    }

    /** Forgets the command; the buffer has been let go of. */
    void release() {
        released();
        if (watched) {
            forgetMeasured();
        }
        command = null;
        ownMemory = false;
        bytes = 0;
    }
}
