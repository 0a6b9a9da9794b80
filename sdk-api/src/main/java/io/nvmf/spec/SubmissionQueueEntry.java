package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Reusable view of one 64-byte submission queue entry (NVMe Base Specification, "Common Command Format").
 *
 * <p>Instances hold no bytes and are not thread safe. The static methods serve paths that keep no view; they rely on
 * the buffer's own bounds checks.
 */
public final class SubmissionQueueEntry {
    /** Bytes of an entry. */
    public static final int LENGTH = 64;
    /** Offset of the opcode (OPC), 1 byte. */
    public static final int OPCODE = 0;
    /** Offset of the byte with FUSE (bits 1:0) and PSDT (bits 7:6). */
    public static final int FLAGS = 1;
    /** Offset of the command identifier (CID), 2 bytes. */
    public static final int COMMAND_ID = 2;
    /** Offset of the namespace identifier (NSID), 4 bytes; Fabrics commands hold FCTYPE in its first byte. */
    public static final int NSID = 4;
    /** Offset of command dword 2. */
    public static final int CDW2 = 8;
    /** Offset of command dword 3. */
    public static final int CDW3 = 12;
    /** Offset of the metadata pointer, 8 bytes. */
    public static final int MPTR = 16;
    /** Offset of SGL entry 1, 16 bytes. */
    public static final int SGL1 = 24;
    /** Offset of command dword 10. */
    public static final int CDW10 = 40;
    /** Offset of command dword 11. */
    public static final int CDW11 = 44;
    /** Offset of command dword 12. */
    public static final int CDW12 = 48;
    /** Offset of command dword 13. */
    public static final int CDW13 = 52;
    /** Offset of command dword 14. */
    public static final int CDW14 = 56;
    /** Offset of command dword 15. */
    public static final int CDW15 = 60;

    /** PSDT: physical region pages, never used over fabrics. */
    public static final int PSDT_PRP = 0;
    /** PSDT: SGL, metadata (if any) contiguous; what every fabrics command uses. */
    public static final int PSDT_SGL = 1;
    /** FUSE: not part of a fused operation. */
    public static final int FUSE_NORMAL = 0;
    /** FUSE: first command of a fused operation. */
    public static final int FUSE_FIRST = 1;
    /** FUSE: second command of a fused operation. */
    public static final int FUSE_SECOND = 2;
    /** The command identifier that must not be used. */
    public static final int INVALID_COMMAND_ID = 0xFFFF;
    /** The broadcast namespace identifier FFFFFFFFh. */
    public static final int BROADCAST_NSID = 0xFFFF_FFFF;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int index;

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public SubmissionQueueEntry() {}

    /**
     * Points this view at an entry; ownership of the buffer stays with the caller.
     *
     * @param buffer holds the entry within its capacity
     * @param index absolute index of the entry's first byte
     * @return this
     * @throws IndexOutOfBoundsException if 64 bytes do not fit
     */
    public SubmissionQueueEntry wrap(ByteBuf buffer, int index) {
        Wire.requireCapacity(buffer, index, LENGTH);
        this.buffer = buffer;
        this.index = index;
        return this;
    }

    /** {@return the buffer that holds the entry} */
    public ByteBuf buffer() {
        return buffer;
    }

    /** {@return the absolute index of the entry in its buffer} */
    public int index() {
        return index;
    }

    /** {@return the absolute index of SGL entry 1, for {@link SglDescriptor}} */
    public int sglAt() {
        return index + SGL1;
    }

    /**
     * Zeroes the entry and sets PSDT to SGL, as every fabrics command wants it.
     *
     * @return this
     */
    public SubmissionQueueEntry clear() {
        clear(buffer, index);
        return this;
    }

    /** {@return the opcode, 0..255} */
    public int opcode() {
        return opcode(buffer, index);
    }

    /**
     * Sets OPC.
     *
     * @param value opcode, 0..255
     * @return this
     */
    public SubmissionQueueEntry opcode(int value) {
        buffer.setByte(index + OPCODE, value);
        return this;
    }

    /** {@return FUSE, 0..3} */
    public int fuse() {
        return buffer.getByte(index + FLAGS) & 0x03;
    }

    /**
     * Sets FUSE.
     *
     * @param value 0..3
     * @return this
     */
    public SubmissionQueueEntry fuse(int value) {
        buffer.setByte(index + FLAGS, (buffer.getByte(index + FLAGS) & ~0x03) | (value & 0x03));
        return this;
    }

    /** {@return PSDT, 0..3} */
    public int psdt() {
        return psdt(buffer, index);
    }

    /**
     * Sets PSDT.
     *
     * @param value 0..3
     * @return this
     */
    public SubmissionQueueEntry psdt(int value) {
        buffer.setByte(index + FLAGS, (buffer.getByte(index + FLAGS) & 0x3F) | (value & 0x03) << 6);
        return this;
    }

    /** {@return the command identifier, 0..65535} */
    public int commandId() {
        return commandId(buffer, index);
    }

    /**
     * Sets CID.
     *
     * @param value 0..65534
     * @return this
     */
    public SubmissionQueueEntry commandId(int value) {
        buffer.setShortLE(index + COMMAND_ID, value);
        return this;
    }

    /** {@return the namespace identifier, unsigned} */
    public int nsid() {
        return nsid(buffer, index);
    }

    /**
     * Sets NSID.
     *
     * @param value unsigned namespace identifier
     * @return this
     */
    public SubmissionQueueEntry nsid(int value) {
        buffer.setIntLE(index + NSID, value);
        return this;
    }

    /** {@return FCTYPE of a Fabrics command, 0..255} */
    public int fabricsCommandType() {
        return fabricsCommandType(buffer, index);
    }

    /**
     * Sets FCTYPE of a Fabrics command.
     *
     * @param value one of {@link FabricsCommandType}
     * @return this
     */
    public SubmissionQueueEntry fabricsCommandType(int value) {
        buffer.setByte(index + NSID, value);
        return this;
    }

    /** {@return the metadata pointer} */
    public long mptr() {
        return buffer.getLongLE(index + MPTR);
    }

    /**
     * Sets MPTR.
     *
     * @param value metadata pointer
     * @return this
     */
    public SubmissionQueueEntry mptr(long value) {
        buffer.setLongLE(index + MPTR, value);
        return this;
    }

    /** {@return the 64-bit value of CDW10 (low) and CDW11 (high), the starting LBA of an NVM I/O command} */
    public long slba() {
        return slba(buffer, index);
    }

    /**
     * Sets CDW10 and CDW11 from one 64-bit value.
     *
     * @param value starting LBA, unsigned
     * @return this
     */
    public SubmissionQueueEntry slba(long value) {
        buffer.setLongLE(index + CDW10, value);
        return this;
    }

    /** {@return command dword 2} */
    public int cdw2() {
        return buffer.getIntLE(index + CDW2);
    }

    /**
     * Sets command dword 2.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw2(int value) {
        buffer.setIntLE(index + CDW2, value);
        return this;
    }

    /** {@return command dword 3} */
    public int cdw3() {
        return buffer.getIntLE(index + CDW3);
    }

    /**
     * Sets command dword 3.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw3(int value) {
        buffer.setIntLE(index + CDW3, value);
        return this;
    }

    /** {@return command dword 10} */
    public int cdw10() {
        return buffer.getIntLE(index + CDW10);
    }

    /**
     * Sets command dword 10.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw10(int value) {
        buffer.setIntLE(index + CDW10, value);
        return this;
    }

    /** {@return command dword 11} */
    public int cdw11() {
        return buffer.getIntLE(index + CDW11);
    }

    /**
     * Sets command dword 11.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw11(int value) {
        buffer.setIntLE(index + CDW11, value);
        return this;
    }

    /** {@return command dword 12} */
    public int cdw12() {
        return buffer.getIntLE(index + CDW12);
    }

    /**
     * Sets command dword 12.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw12(int value) {
        buffer.setIntLE(index + CDW12, value);
        return this;
    }

    /** {@return command dword 13} */
    public int cdw13() {
        return buffer.getIntLE(index + CDW13);
    }

    /**
     * Sets command dword 13.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw13(int value) {
        buffer.setIntLE(index + CDW13, value);
        return this;
    }

    /** {@return command dword 14} */
    public int cdw14() {
        return buffer.getIntLE(index + CDW14);
    }

    /**
     * Sets command dword 14.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw14(int value) {
        buffer.setIntLE(index + CDW14, value);
        return this;
    }

    /** {@return command dword 15} */
    public int cdw15() {
        return buffer.getIntLE(index + CDW15);
    }

    /**
     * Sets command dword 15.
     *
     * @param value the dword
     * @return this
     */
    public SubmissionQueueEntry cdw15(int value) {
        buffer.setIntLE(index + CDW15, value);
        return this;
    }

    /**
     * Starts a command: zeroes the entry, then sets PSDT to SGL, OPC and NSID; CID and SGL 1 stay 0 for the queue to
     * fill in.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @param opcode opcode, 0..255
     * @param nsid namespace identifier, 0 where the command has none
     */
    public static void start(ByteBuf buffer, int index, int opcode, int nsid) {
        buffer.setZero(index, LENGTH);
        buffer.setByte(index + OPCODE, opcode);
        buffer.setByte(index + FLAGS, PSDT_SGL << 6);
        buffer.setIntLE(index + NSID, nsid);
    }

    /**
     * Zeroes an entry and sets PSDT to SGL.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     */
    public static void clear(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        buffer.setByte(index + FLAGS, PSDT_SGL << 6);
    }

    /**
     * Reads OPC.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the opcode, 0..255
     */
    public static int opcode(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + OPCODE);
    }

    /**
     * Reads PSDT.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return 0..3
     */
    public static int psdt(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + FLAGS) >>> 6;
    }

    /**
     * Reads CID.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the command identifier, 0..65535
     */
    public static int commandId(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + COMMAND_ID);
    }

    /**
     * Sets CID.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @param value command identifier, 0..65534
     */
    public static void commandId(ByteBuf buffer, int index, int value) {
        buffer.setShortLE(index + COMMAND_ID, value);
    }

    /**
     * Reads NSID.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the namespace identifier, unsigned
     */
    public static int nsid(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + NSID);
    }

    /**
     * Reads FCTYPE.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the Fabrics command type, 0..255
     */
    public static int fabricsCommandType(ByteBuf buffer, int index) {
        return buffer.getUnsignedByte(index + NSID);
    }

    /**
     * Reads CDW10 and CDW11 as one value.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the starting LBA, unsigned
     */
    public static long slba(ByteBuf buffer, int index) {
        return buffer.getLongLE(index + CDW10);
    }

    /**
     * Reads a command dword.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @param offset its offset in the entry, such as {@link #CDW12}
     * @return the dword
     */
    public static int dword(ByteBuf buffer, int index, int offset) {
        return buffer.getIntLE(index + offset);
    }
}
