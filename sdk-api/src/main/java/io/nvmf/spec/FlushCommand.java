package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/** The Flush command (NVM Command Set Specification, "Flush command"). */
public final class FlushCommand {
    private FlushCommand() {}

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @param nsid namespace, or {@link SubmissionQueueEntry#BROADCAST_NSID} where VWC of the controller allows it
     */
    public static void encode(ByteBuf buffer, int index, int nsid) {
        SubmissionQueueEntry.start(buffer, index, NvmOpcode.FLUSH, nsid);
    }
}
