package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.IllegalReferenceCountException;
import io.nvmf.command.Command;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;

/**
 * One place for an outstanding command, and the command capsule itself; its index is the command identifier. It joins the
 * response and the end of the data transfer, and holds the data buffer until both are in. Event loop only.
 *
 * <p>A slot without a user is an orphan: its command was sent and nobody waits for it any more, but the peer may still move its
 * data, so neither its buffer nor its identifier may be used again.
 */
final class Slot extends CommandCapsule {

    private static final Status DAMAGED = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);

    private final OutstandingCommands outstanding;

    @Nullable
    SlotOwner user;

    @Nullable
    Command command;

    @Nullable
    ResponseCapsule response;

    /** Takes a reserved place. */
    boolean reserved;

    /** Has a deadline. */
    boolean timed;

    /** Is in its second period although it has a user, for it cannot be aborted. */
    boolean late;

    boolean active;
    boolean transmitted;
    boolean transferEnded;
    boolean orphan;

    /** An Abort for this command may reach the controller yet. */
    boolean aborting;

    /** The way to take that Abort back. */
    AbortSender.@Nullable Ticket abort;

    /** The capsule was taken back, or the queue pair has ended. */
    boolean unanswerable;

    /** Tick of the deadline scan at which the current period began. */
    int since;

    private boolean damaged;
    private boolean aborted;
    private boolean ownMemory;
    private long bytes;

    Slot(OutstandingCommands outstanding, int index) {
        this.outstanding = outstanding;
        commandId(index);
    }

    /**
     * Takes a command with its data; what it sends, and the reference to its destination, is owned by this slot afterwards, or
     * released if this fails.
     *
     * @throws IllegalReferenceCountException if the command's buffer is gone
     * @throws IllegalStateException on a second submission of data
     */
    void open(Command command, ByteBufAllocator allocator) {
        this.command = command;
        ByteBuf buffer = command.buffer();
        int length = command.dataLength();
        if (buffer != null && buffer.refCnt() == 0) {
            throw CommandMemory.released(command);
        }
        switch (command.transfer()) {
            case NONE -> transferEnded = true;
            case SEND -> {
                if (!command.claimData()) {
                    throw new IllegalStateException(
                            "the data of " + command + " was given away when it was first submitted");
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
            transferEnded = true;
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
        SlotOwner owner = user;
        return owner != null && !owner.abandoned();
    }

    @Override
    public void withdrawn() {
        outstanding.withdrawn(this);
    }

    @Override
    public void transmitted() {
        transmitted = true;
        outstanding.transmitted();
    }

    @Override
    public void transferComplete(long moved, @Nullable TransferException error) {
        transferEnded = true;
        bytes = moved;
        damaged = error != null && error.kind() == TransferException.Kind.INTEGRITY;
        aborted = error != null && error.kind() == TransferException.Kind.ABORTED;
        outstanding.signalled(this);
    }

    /**
     * Whether nothing more can happen to the command or its buffer. A response does not settle a command whose transfer was
     * aborted: its data did not get through, and the end of the queue pair, which follows, says why.
     */
    boolean settled() {
        return transferEnded && (unanswerable || response != null && !aborted);
    }

    /** The response, or what the host makes of it. */
    @Nullable
    ResponseCapsule answer() {
        ResponseCapsule answer = response;
        return answer != null && damaged && answer.isSuccess()
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

    void reset() {
        user = null;
        command = null;
        response = null;
        transmitted = false;
        transferEnded = false;
        orphan = false;
        aborting = false;
        abort = null;
        timed = false;
        late = false;
        unanswerable = false;
        damaged = false;
        aborted = false;
        ownMemory = false;
        bytes = 0;
    }
}
