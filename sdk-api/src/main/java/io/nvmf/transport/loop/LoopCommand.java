package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SubmissionQueueEntry;
import org.jspecify.annotations.Nullable;

/** A command capsule and its in-capsule data in one buffer. */
record LoopCommand(
        LoopControllerQueuePair controller,
        ByteBuf message,
        @Nullable LoopTransfer transfer) implements Signal {

    @Override
    public void deliver() {
        int inCapsule = message.readableBytes() - SubmissionQueueEntry.LENGTH;
        if (inCapsule > controller.maxInCapsuleData()) {
            controller.protocolError(
                    LoopQueuePair.LIMIT_EXCEEDED,
                    0,
                    "in-capsule data of " + inCapsule + " bytes exceeds the limit of " + controller.maxInCapsuleData(),
                    message.slice(0, SubmissionQueueEntry.LENGTH));
            message.release();
            return;
        }
        controller.received(new LoopReceivedCommand(controller, message, transfer));
    }

    @Override
    public void discard() {
        message.release();
    }
}
