package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SglDescriptor;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** A command at the controller: its entry and in-capsule data in one buffer, and the way back to the host's transfer. */
final class LoopReceivedCommand implements ReceivedCommand {

    private static final SendOutcome INVALID_FIELD =
            new SendOutcome.Rejected(Status.of(StatusCode.INVALID_FIELD, true));

    private final LoopControllerQueuePair queuePair;
    private final ByteBuf message;
    private final @Nullable LoopTransfer transfer;
    private final SubmissionQueueEntry entry = new SubmissionQueueEntry();
    private final ArrayDeque<LoopReceive> waiting = new ArrayDeque<>();
    private final int commandId;
    private final int sgl;
    private final int inCapsule;
    private final long dataLength;
    private long sent;
    private int underWay;
    private boolean released;

    LoopReceivedCommand(LoopControllerQueuePair queuePair, ByteBuf message, @Nullable LoopTransfer transfer) {
        this.queuePair = queuePair;
        this.message = message;
        this.transfer = transfer;
        entry.wrap(message, 0);
        this.commandId = entry.commandId();
        this.sgl = SglDescriptor.identifier(message, SubmissionQueueEntry.SGL1);
        this.inCapsule = message.readableBytes() - SubmissionQueueEntry.LENGTH;
        this.dataLength = SglDescriptor.length(message, SubmissionQueueEntry.SGL1);
    }

    @Override
    public SubmissionQueueEntry entry() {
        return entry;
    }

    @Override
    public Status validate(boolean strict) {
        return ReceivedCommand.validate(entry, inCapsule, strict);
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
                actual.onSubscribe(new LoopReceive(queuePair, LoopReceivedCommand.this, offset, length, actual));
            }
        };
    }

    @Override
    public SendOutcome send(long offset, ByteBuf data) {
        int length = data.readableBytes();
        if (sgl != SglDescriptor.TRANSPORT_DATA_BLOCK
                || offset != sent
                || length > dataLength - offset
                || (length == 0 && dataLength == sent && sent != 0)) {
            data.release();
            return INVALID_FIELD;
        }
        sent += length;
        boolean last = sent == dataLength;
        boolean success = last && length > 0 && queuePair.successWithLastData();
        if (length == 0 || queuePair.ended() != null) {
            data.release();
            if (length > 0) {
                queuePair.sent(length);
            }
        } else {
            LoopHostQueuePair host = queuePair.host();
            host.postData(new LoopHostQueuePair.Data(host, commandId, transfer, offset, data, success));
        }
        if (success) {
            return SendOutcome.COMPLETE_SUCCESS_SENT;
        }
        return last ? SendOutcome.COMPLETE : SendOutcome.MORE;
    }

    @Override
    public void release() {
        if (!released) {
            released = true;
            message.release();
        }
    }

    /** Whether the data came within the capsule. */
    boolean hasInCapsuleData() {
        return sgl == SglDescriptor.DATA_BLOCK_OFFSET;
    }

    @Override
    public @Nullable ByteBuf inCapsuleData(long offset, int length) {
        return hasInCapsuleData() && !released && offset + length <= inCapsule
                ? message.retainedSlice((int) (SubmissionQueueEntry.LENGTH + offset), length)
                : null;
    }

    /** A copy, for every subscriber gets memory of its own. */
    ByteBuf copyInCapsuleData(long offset, int length) {
        if (released) {
            throw new IllegalStateException("the command has been released, and its in-capsule data with it");
        }
        if (offset + length > inCapsule) {
            throw new IllegalArgumentException(
                    "range " + offset + '+' + length + " exceeds the " + inCapsule + " bytes within the capsule");
        }
        return queuePair
                .allocator()
                .buffer(length)
                .writeBytes(message, (int) (SubmissionQueueEntry.LENGTH + offset), length);
    }

    /** Asks the host, now or when an earlier request is through. */
    void pull(LoopReceive receive) {
        if (underWay == queuePair.maxReceives()) {
            waiting.add(receive);
            return;
        }
        underWay++;
        LoopHostQueuePair host = queuePair.host();
        ByteBuf home = queuePair.allocator().buffer(receive.length());
        host.post(new LoopHostQueuePair.Pull(
                host, commandId, transfer, receive.offset(), receive.length(), home, receive));
    }

    /** A request is through. */
    void pulled() {
        underWay--;
        LoopReceive next = waiting.poll();
        if (next != null) {
            pull(next);
        }
    }

    /** Whether the request had not been sent yet and now never will. */
    boolean forget(LoopReceive receive) {
        return waiting.remove(receive);
    }
}
