package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Reusable view of one 16-byte completion queue entry (NVMe Base Specification, "Common Completion Queue Entry").
 *
 * <p>Instances hold no bytes and are not thread safe. The static methods serve paths that keep no view; they rely on
 * the buffer's own bounds checks.
 */
public final class CompletionQueueEntry {
    /** Bytes of an entry. */
    public static final int LENGTH = 16;
    /** Offset of command-specific dword 0. */
    public static final int DW0 = 0;
    /** Offset of command-specific dword 1. */
    public static final int DW1 = 4;
    /** Offset of the submission queue head pointer, 2 bytes. */
    public static final int SQHD = 8;
    /** Offset of the submission queue identifier, 2 bytes, reserved over fabrics. */
    public static final int SQID = 10;
    /** Offset of the command identifier, 2 bytes. */
    public static final int COMMAND_ID = 12;
    /** Offset of the status field, 2 bytes. */
    public static final int STATUS = 14;
    /**
     * SQHD of a Connect response that says "SQ flow control is disabled"; on any other response it is an ordinary
     * value.
     */
    public static final int SQHD_FLOW_CONTROL_DISABLED = 0xFFFF;

    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int index;

    /** Creates a view that has to be {@linkplain #wrap wrapped} around bytes before use. */
    public CompletionQueueEntry() {}

    /**
     * Points this view at an entry; ownership of the buffer stays with the caller.
     *
     * @param buffer holds the entry within its capacity
     * @param index absolute index of the entry's first byte
     * @return this
     * @throws IndexOutOfBoundsException if 16 bytes do not fit
     */
    public CompletionQueueEntry wrap(ByteBuf buffer, int index) {
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

    /** {@return the command-specific dword 0} */
    public int dw0() {
        return dw0(buffer, index);
    }

    /**
     * Sets the command-specific dword 0.
     *
     * @param value the dword
     * @return this
     */
    public CompletionQueueEntry dw0(int value) {
        buffer.setIntLE(index + DW0, value);
        return this;
    }

    /** {@return the command-specific dword 1} */
    public int dw1() {
        return dw1(buffer, index);
    }

    /**
     * Sets the command-specific dword 1.
     *
     * @param value the dword
     * @return this
     */
    public CompletionQueueEntry dw1(int value) {
        buffer.setIntLE(index + DW1, value);
        return this;
    }

    /** {@return the submission queue head pointer, 0..65535} */
    public int sqHead() {
        return sqHead(buffer, index);
    }

    /**
     * Sets the submission queue head pointer.
     *
     * @param value 0..65535
     * @return this
     */
    public CompletionQueueEntry sqHead(int value) {
        buffer.setShortLE(index + SQHD, value);
        return this;
    }

    /** {@return the submission queue identifier (reserved over fabrics), 0..65535} */
    public int sqid() {
        return sqid(buffer, index);
    }

    /**
     * Sets the submission queue identifier.
     *
     * @param value 0..65535
     * @return this
     */
    public CompletionQueueEntry sqid(int value) {
        buffer.setShortLE(index + SQID, value);
        return this;
    }

    /** {@return the command identifier, 0..65535} */
    public int commandId() {
        return commandId(buffer, index);
    }

    /**
     * Sets the command identifier.
     *
     * @param value 0..65535
     * @return this
     */
    public CompletionQueueEntry commandId(int value) {
        buffer.setShortLE(index + COMMAND_ID, value);
        return this;
    }

    /** {@return the raw 16-bit status field including the phase bit, for {@link Status#of(int)}} */
    public int status() {
        return status(buffer, index);
    }

    /**
     * Sets the raw 16-bit status field.
     *
     * @param value raw 16 bits
     * @return this
     */
    public CompletionQueueEntry status(int value) {
        buffer.setShortLE(index + STATUS, value);
        return this;
    }

    /**
     * Writes a whole entry.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @param dw0 command-specific dword 0
     * @param dw1 command-specific dword 1
     * @param sqHead submission queue head pointer
     * @param sqid submission queue identifier, 0 over fabrics
     * @param cid command identifier
     * @param status raw 16-bit status field
     */
    public static void encode(ByteBuf buffer, int index, int dw0, int dw1, int sqHead, int sqid, int cid, int status) {
        buffer.setIntLE(index + DW0, dw0);
        buffer.setIntLE(index + DW1, dw1);
        buffer.setShortLE(index + SQHD, sqHead);
        buffer.setShortLE(index + SQID, sqid);
        buffer.setShortLE(index + COMMAND_ID, cid);
        buffer.setShortLE(index + STATUS, status);
    }

    /**
     * Writes a whole entry as a fabrics controller does, SQID 0.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @param dw0 command-specific dword 0
     * @param dw1 command-specific dword 1
     * @param sqHead submission queue head pointer
     * @param cid command identifier
     * @param status raw 16-bit status field
     */
    public static void encode(ByteBuf buffer, int index, int dw0, int dw1, int sqHead, int cid, int status) {
        encode(buffer, index, dw0, dw1, sqHead, 0, cid, status);
    }

    /**
     * Reads the command-specific dword 0.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the command-specific dword 0
     */
    public static int dw0(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + DW0);
    }

    /**
     * Reads the command-specific dword 1.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the command-specific dword 1
     */
    public static int dw1(ByteBuf buffer, int index) {
        return buffer.getIntLE(index + DW1);
    }

    /**
     * Reads the submission queue head pointer.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the submission queue head pointer, 0..65535
     */
    public static int sqHead(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + SQHD);
    }

    /**
     * Reads the submission queue identifier.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the submission queue identifier (reserved over fabrics), 0..65535
     */
    public static int sqid(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + SQID);
    }

    /**
     * Reads the command identifier.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the command identifier, 0..65535
     */
    public static int commandId(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + COMMAND_ID);
    }

    /**
     * Reads the raw 16-bit status field.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the raw 16-bit status field including the phase bit, for {@link Status#of(int)}
     */
    public static int status(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + STATUS);
    }
}
