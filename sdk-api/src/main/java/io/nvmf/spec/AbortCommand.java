package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The Abort command (NVMe Base Specification, "Abort command").
 *
 * @param sqid queue of the command to abort, 0..65535
 * @param commandId CID of the command to abort, 0..65535
 */
public record AbortCommand(int sqid, int commandId) {
    /**
     * Reads the fields.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the fields
     */
    public static AbortCommand decode(ByteBuf buffer, int index) {
        int cdw10 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW10);
        return new AbortCommand(cdw10 & 0xFFFF, cdw10 >>> 16);
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("SQID", sqid, 0, 0xFFFF);
        Require.range("CID", commandId, 0, 0xFFFF);
        SubmissionQueueEntry.start(buffer, index, AdminOpcode.ABORT, 0);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW10, sqid | commandId << 16);
    }

    /**
     * Reads the response; bit 0 says that the command was <em>not</em> aborted.
     *
     * @param dw0 dword 0 of the completion
     * @return whether the command was aborted
     */
    public static boolean aborted(int dw0) {
        return (dw0 & 1) == 0;
    }

    /**
     * Dword 0 of the response.
     *
     * @param aborted whether the command was aborted
     * @return the dword
     */
    public static int response(boolean aborted) {
        return aborted ? 0 : 1;
    }
}
