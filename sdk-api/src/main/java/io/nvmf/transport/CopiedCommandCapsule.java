package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SubmissionQueueEntry;

/** A capsule over its own copy of a submission queue entry. */
final class CopiedCommandCapsule extends CommandCapsule {

    private final byte[] entry = new byte[SubmissionQueueEntry.LENGTH];

    CopiedCommandCapsule(ByteBuf source, int index) {
        source.getBytes(index, entry);
        commandId(SubmissionQueueEntry.commandId(source, index));
    }

    @Override
    public void encode(ByteBuf target, int index) {
        target.setBytes(index, entry);
    }
}
