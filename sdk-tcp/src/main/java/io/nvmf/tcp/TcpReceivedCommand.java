package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A CapsuleCmd PDU that the controller has received, with the in-capsule data it brought. Event loop only. */
final class TcpReceivedCommand implements ReceivedCommand {

    private static final Status DAMAGED = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);
    private static final Status NO_MEMORY = Status.of(StatusCode.INTERNAL_ERROR);

    private final ControllerTcpQueuePair queuePair;
    private final SubmissionQueueEntry entry;
    private final int commandId;
    private final int sglIdentifier;
    private final long dataLength;
    private final int inCapsuleLength;
    private @Nullable ByteBuf inCapsule;
    private boolean damaged;
    private boolean accounted;
    private boolean withoutMemory;
    private boolean released;
    private int openR2ts;
    private long sendOffset;

    TcpReceivedCommand(ControllerTcpQueuePair queuePair, SubmissionQueueEntry entry, int inCapsuleLength) {
        this.queuePair = queuePair;
        this.entry = entry;
        this.commandId = entry.commandId();
        this.sglIdentifier = SglDescriptor.identifier(entry.buffer(), entry.sglAt());
        this.dataLength = SglDescriptor.length(entry.buffer(), entry.sglAt());
        this.inCapsuleLength = inCapsuleLength;
    }

    ControllerTcpQueuePair queuePair() {
        return queuePair;
    }

    int commandId() {
        return commandId;
    }

    /** R2Ts whose data is not complete. */
    int openR2ts() {
        return openR2ts;
    }

    void openR2ts(int change) {
        openR2ts += change;
    }

    int inCapsuleLength() {
        return inCapsuleLength;
    }

    /** The memory of the in-capsule data is taken, and has to be given back. */
    void accounted() {
        accounted = true;
    }

    /** Where the in-capsule data goes. */
    void home(ByteBuf home) {
        inCapsule = home;
    }

    /** There is none for the in-capsule data, which is dropped. */
    void withoutMemory() {
        withoutMemory = true;
    }

    /** The in-capsule data is complete. */
    void inCapsuleDataReceived(boolean intact) {
        damaged = !intact;
        ByteBuf data = inCapsule;
        if (data != null) {
            data.writerIndex(inCapsuleLength);
        }
    }

    @Override
    public SubmissionQueueEntry entry() {
        if (released) {
            throw new IllegalStateException("command " + commandId + " has been released");
        }
        return entry;
    }

    @Override
    public Status validate(boolean strict) {
        Status status = ReceivedCommand.validate(entry(), inCapsuleLength, strict);
        if (status.isSuccess() && withoutMemory) {
            return NO_MEMORY;
        }
        return status.isSuccess() && damaged ? DAMAGED : status;
    }

    @Override
    public long dataLength() {
        return dataLength;
    }

    @Override
    public Mono<ByteBuf> receive(long offset, int length) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                actual.onSubscribe(new H2cTransfer(actual, TcpReceivedCommand.this, offset, length));
            }
        };
    }

    @Override
    public SendOutcome send(long offset, ByteBuf data) {
        int length = data.readableBytes();
        if (released
                || sglIdentifier != SglDescriptor.TRANSPORT_DATA_BLOCK
                || offset != sendOffset
                || offset + length > dataLength
                || length == 0 && dataLength > 0) {
            data.release();
            return new SendOutcome.Rejected(Status.of(StatusCode.INVALID_FIELD, true));
        }
        sendOffset += length;
        boolean last = sendOffset == dataLength;
        if (length == 0) {
            data.release();
            return SendOutcome.COMPLETE;
        }
        boolean success = queuePair.sendData(commandId, offset, data, last);
        if (!last) {
            return SendOutcome.MORE;
        }
        return success ? SendOutcome.COMPLETE_SUCCESS_SENT : SendOutcome.COMPLETE;
    }

    @Override
    public void release() {
        if (released) {
            return;
        }
        released = true;
        queuePair.recycle(entry);
        ByteBuf data = inCapsule;
        if (data != null) {
            inCapsule = null;
            data.release();
        }
        if (accounted) {
            accounted = false;
            queuePair.giveInCapsule(inCapsuleLength);
        }
    }

    /** Why a range cannot be received, or null. */
    @Nullable
    RuntimeException refusal(long offset, int length) {
        if (released) {
            return new IllegalStateException("command " + commandId + " has been released");
        }
        long available = switch (sglIdentifier) {
            case SglDescriptor.DATA_BLOCK_OFFSET -> Math.min(dataLength, inCapsuleLength);
            case SglDescriptor.TRANSPORT_DATA_BLOCK -> dataLength;
            default -> 0;
        };
        if (offset < 0 || length < 1 || offset > available - length) {
            return new IllegalArgumentException("the range of " + length + " bytes at offset " + offset
                    + " is not within the " + available + " bytes of command " + commandId);
        }
        if (withoutMemory) {
            return new IllegalStateException("there was no memory for the data of command " + commandId);
        }
        return damaged ? H2cTransfer.damaged(inCapsuleLength) : null;
    }

    @Override
    public @Nullable ByteBuf inCapsuleData(long offset, int length) {
        ByteBuf data = inCapsuleData();
        return data != null && refusal(offset, length) == null ? data.retainedSlice((int) offset, length) : null;
    }

    /** The data that came with the command, or null if it is to be fetched. */
    @Nullable
    ByteBuf inCapsuleData() {
        return sglIdentifier == SglDescriptor.DATA_BLOCK_OFFSET ? inCapsule : null;
    }
}
