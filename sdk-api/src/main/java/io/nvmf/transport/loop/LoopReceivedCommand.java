package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.support.MessageCommand;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A command at the controller: its entry and in-capsule data in one buffer, and the way back to the host's transfer.
 */
final class LoopReceivedCommand extends MessageCommand {

    private final LoopControllerQueuePair queuePair;
    private final ByteBuf message;
    private final @Nullable LoopTransfer transfer;
    private final ArrayDeque<LoopReceive> waiting = new ArrayDeque<>();
    private int underWay;

    LoopReceivedCommand(LoopControllerQueuePair queuePair, ByteBuf message, @Nullable LoopTransfer transfer) {
        super(new SubmissionQueueEntry().wrap(message, 0), message.readableBytes() - SubmissionQueueEntry.LENGTH);
        this.queuePair = queuePair;
        this.message = message;
        this.transfer = transfer;
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
    protected boolean sendData(long offset, ByteBuf data, boolean last) {
        boolean success = last && queuePair.successWithLastData();
        if (queuePair.ended() != null) {
            int length = data.readableBytes();
            data.release();
            queuePair.sent(length);
        } else {
            LoopHostQueuePair host = queuePair.host();
            host.postData(new LoopData(host, commandId(), transfer, offset, data, success));
        }
        return success;
    }

    @Override
    public @Nullable RuntimeException refusal(long offset, int length) {
        return isReleased() && describesInCapsuleData()
                ? new IllegalStateException("the command has been released, and its in-capsule data with it")
                : super.refusal(offset, length);
    }

    @Override
    protected void giveBack() {
        message.release();
    }

    @Override
    public @Nullable ByteBuf inCapsuleData(long offset, int length) {
        return describesInCapsuleData() && refusal(offset, length) == null
                ? message.retainedSlice((int) (SubmissionQueueEntry.LENGTH + offset), length)
                : null;
    }

    /** A copy, because every subscriber gets memory of its own. */
    ByteBuf copyInCapsuleData(long offset, int length) {
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
        host.post(new LoopPull(host, commandId(), transfer, receive.offset(), receive.length(), home, receive));
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
