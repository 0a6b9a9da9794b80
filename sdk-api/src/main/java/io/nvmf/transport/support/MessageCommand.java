package io.nvmf.transport.support;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import org.jspecify.annotations.Nullable;

/**
 * A received command whose data came within the capsule or moves in messages of the transport: what its entry says
 * about the data, and which parts of it may be sent and received. Event loop only.
 */
public abstract class MessageCommand implements ReceivedCommand {

    private static final SendOutcome INVALID_FIELD =
            new SendOutcome.Rejected(Status.of(StatusCode.INVALID_FIELD, true));

    private final SubmissionQueueEntry entry;
    private final int commandId;
    private final int sglIdentifier;
    private final int inCapsuleLength;
    private final long dataLength;
    private long sent;
    private boolean released;

    /**
     * Reads what the entry says about the data.
     *
     * @param entry the submission queue entry
     * @param inCapsuleLength bytes of data that came within the capsule
     */
    protected MessageCommand(SubmissionQueueEntry entry, int inCapsuleLength) {
        this.entry = entry;
        this.commandId = entry.commandId();
        this.sglIdentifier = SglDescriptor.identifier(entry.buffer(), entry.sglAt());
        this.dataLength = SglDescriptor.length(entry.buffer(), entry.sglAt());
        this.inCapsuleLength = inCapsuleLength;
    }

    /**
     * Gives a part of the data to the connection.
     *
     * @param offset where it belongs
     * @param data not empty; consumed whatever happens
     * @param last whether it is the end of the command's data
     * @return whether success went with it
     */
    protected abstract boolean sendData(long offset, ByteBuf data, boolean last);

    /** Gives back what the command holds; called once. */
    protected abstract void giveBack();

    /** {@return whether the command has been given back} */
    protected final boolean isReleased() {
        return released;
    }

    /** {@return the command identifier} */
    public final int commandId() {
        return commandId;
    }

    /** {@return bytes of data that came within the capsule} */
    public final int inCapsuleLength() {
        return inCapsuleLength;
    }

    /** {@return whether the entry says that the data is within the capsule} */
    public final boolean describesInCapsuleData() {
        return sglIdentifier == SglDescriptor.DATA_BLOCK_OFFSET;
    }

    @Override
    public SubmissionQueueEntry entry() {
        return entry;
    }

    @Override
    public final void release() {
        if (!released) {
            released = true;
            giveBack();
        }
    }

    @Override
    public final long dataLength() {
        return dataLength;
    }

    @Override
    public Status validate(boolean strict) {
        return TransferDescription.validate(entry(), inCapsuleLength, strict);
    }

    @Override
    public final SendOutcome send(long offset, ByteBuf data) {
        int length = data.readableBytes();
        if (released
                || sglIdentifier != SglDescriptor.TRANSPORT_DATA_BLOCK
                || offset != sent
                || length > dataLength - offset
                || length == 0 && dataLength > 0) {
            data.release();
            return INVALID_FIELD;
        }
        sent += length;
        if (length == 0) {
            data.release();
            return SendOutcome.COMPLETE;
        }
        boolean last = sent == dataLength;
        boolean success = sendData(offset, data, last);
        if (!last) {
            return SendOutcome.MORE;
        }
        return success ? SendOutcome.COMPLETE_SUCCESS_SENT : SendOutcome.COMPLETE;
    }

    /**
     * Whether a range of the host's data can be received.
     *
     * @param offset first byte
     * @param length number of bytes
     * @return why not; null if it can
     */
    public @Nullable RuntimeException refusal(long offset, int length) {
        long available = switch (sglIdentifier) {
            case SglDescriptor.DATA_BLOCK_OFFSET -> Math.min(dataLength, inCapsuleLength);
            case SglDescriptor.TRANSPORT_DATA_BLOCK -> dataLength;
            default -> 0;
        };
        if (offset < 0 || length < 1 || offset > available - length) {
            return new IllegalArgumentException("the range of " + length + " bytes at offset " + offset
                    + " is not within the " + available + " bytes of command " + commandId);
        }
        return null;
    }
}
