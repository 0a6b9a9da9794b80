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
final class Slot extends SlotState {

    private static final Status DAMAGED = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);

    private final OutstandingCommands outstanding;

    private @Nullable Command command;

    /** Whether this slot was taken from the reserved ones. */
    private boolean reserved;

    /** Whether the SDK made the buffer, so that received data has no other owner. */
    private boolean ownMemory;

    private long bytes;

    Slot(OutstandingCommands outstanding, int index) {
        this.outstanding = outstanding;
        commandId(index);
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
    }

    @Override
    public void transferComplete(long moved, @Nullable TransferException error) {
        dataEnded(error);
        bytes = moved;
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

    /** Forgets the command; the buffer has been let go of. */
    void release() {
        released();
        command = null;
        ownMemory = false;
        bytes = 0;
    }
}
