package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The Get Log Page command (NVMe Base Specification, "Get Log Page command").
 *
 * @param nsid namespace identifier, {@link SubmissionQueueEntry#BROADCAST_NSID} or 0 for pages of the controller
 * @param logPage LID, one of {@link LogPage}
 * @param specific LSP, log specific parameter, 0..127
 * @param retainAsyncEvent RAE: true leaves the asynchronous event unacknowledged; the last read of a page wants false
 * @param length bytes to read, a multiple of 4 from 4 to 2^34; the 0's based number of dwords is derived from it
 * @param specificId LSI, log specific identifier, 0..65535
 * @param offset LPO, a multiple of 4 in bytes unless {@code offsetIsIndex}
 * @param offsetIsIndex OT: the offset counts data structures of the page
 * @param uuidIndex UUID index, 0..127
 * @param commandSetId CSI
 */
public record GetLogPageCommand(
        int nsid,
        int logPage,
        int specific,
        boolean retainAsyncEvent,
        long length,
        int specificId,
        long offset,
        boolean offsetIsIndex,
        int uuidIndex,
        int commandSetId) {
    private static final int RAE = 1 << 15;
    private static final int OT = 1 << 23;
    private static final long MAX_LENGTH = 1L << 34;

    /**
     * Reads a page of the controller from its start and acknowledges its event.
     *
     * @param logPage one of {@link LogPage}
     * @param length bytes to read, a multiple of 4
     * @return the command
     */
    public static GetLogPageCommand of(int logPage, long length) {
        return new GetLogPageCommand(SubmissionQueueEntry.BROADCAST_NSID, logPage, 0, false, length, 0, 0, false, 0, 0);
    }

    /**
     * The same for another part of the page.
     *
     * @param newOffset byte offset, a multiple of 4
     * @param newLength bytes, a multiple of 4
     * @return a copy
     */
    public GetLogPageCommand withRange(long newOffset, long newLength) {
        return new GetLogPageCommand(
                nsid,
                logPage,
                specific,
                retainAsyncEvent,
                newLength,
                specificId,
                newOffset,
                false,
                uuidIndex,
                commandSetId);
    }

    /**
     * The same with another RAE.
     *
     * @param retain whether the asynchronous event stays unacknowledged
     * @return a copy
     */
    public GetLogPageCommand withRetainAsyncEvent(boolean retain) {
        return new GetLogPageCommand(
                nsid, logPage, specific, retain, length, specificId, offset, offsetIsIndex, uuidIndex, commandSetId);
    }

    /**
     * The same with another LSP.
     *
     * @param lsp log specific parameter
     * @return a copy
     */
    public GetLogPageCommand withSpecific(int lsp) {
        return new GetLogPageCommand(
                nsid,
                logPage,
                lsp,
                retainAsyncEvent,
                length,
                specificId,
                offset,
                offsetIsIndex,
                uuidIndex,
                commandSetId);
    }

    /**
     * Reads the fields; the offset may be misaligned, which the controller has to refuse.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the fields
     */
    public static GetLogPageCommand decode(ByteBuf buffer, int index) {
        int cdw10 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW10);
        int cdw11 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW11);
        int cdw14 = SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW14);
        long numd = (cdw11 & 0xFFFFL) << 16 | cdw10 >>> 16;
        return new GetLogPageCommand(
                SubmissionQueueEntry.nsid(buffer, index),
                cdw10 & 0xFF,
                Wire.bits(cdw10, 8, 7),
                (cdw10 & RAE) != 0,
                (numd + 1) * 4,
                cdw11 >>> 16,
                buffer.getLongLE(index + SubmissionQueueEntry.CDW12),
                (cdw14 & OT) != 0,
                cdw14 & 0x7F,
                cdw14 >>> 24);
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @throws IllegalArgumentException if a field is out of range, or length or offset is not a multiple of 4
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("LID", logPage, 0, 0xFF);
        Require.range("LSP", specific, 0, 0x7F);
        Require.range("length", length, 4, MAX_LENGTH);
        Require.range("LSI", specificId, 0, 0xFFFF);
        Require.range("UUID index", uuidIndex, 0, 0x7F);
        Require.range("CSI", commandSetId, 0, 0xFF);
        if ((length & 3) != 0 || (!offsetIsIndex && (offset & 3) != 0)) {
            throw new IllegalArgumentException(
                    "length " + length + " and offset " + offset + " have to be multiples of 4");
        }
        long numd = length / 4 - 1;
        SubmissionQueueEntry.start(buffer, index, AdminOpcode.GET_LOG_PAGE, nsid);
        buffer.setIntLE(
                index + SubmissionQueueEntry.CDW10,
                logPage | specific << 8 | (retainAsyncEvent ? RAE : 0) | (int) (numd & 0xFFFF) << 16);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW11, (int) (numd >>> 16) | specificId << 16);
        buffer.setLongLE(index + SubmissionQueueEntry.CDW12, offset);
        buffer.setIntLE(index + SubmissionQueueEntry.CDW14, uuidIndex | (offsetIsIndex ? OT : 0) | commandSetId << 24);
    }
}
