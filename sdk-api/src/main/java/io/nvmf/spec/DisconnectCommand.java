package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/** The Disconnect command, which deletes one I/O queue (NVMe Base Specification, "Disconnect Command"). */
public final class DisconnectCommand {
    private static final int RECFMT = 40;

    private DisconnectCommand() {}

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public static void encode(ByteBuf buffer, int index) {
        SubmissionQueueEntry.start(buffer, index, FabricsCommandType.FABRICS_OPCODE, FabricsCommandType.DISCONNECT);
    }

    /**
     * Reads RECFMT.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the record format; 0 is the only one defined
     */
    public static int recordFormat(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + RECFMT);
    }
}
