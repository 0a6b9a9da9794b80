package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The Connect command, which creates a queue and with the admin queue an association (NVMe Base Specification, "Connect
 * Command").
 *
 * @param recordFormat RECFMT, 0 is the only one defined
 * @param queueId QID, 0 for the admin queue
 * @param sqSize SQSIZE as on the wire: entries of the submission queue minus one; 0 is not allowed
 * @param attributes CATTR
 * @param keepAliveTimeout KATO in milliseconds, 0..2^32-1; 0 turns the timer off and is the only value allowed for I/O
 *     queues
 */
public record ConnectCommand(int recordFormat, int queueId, int sqSize, int attributes, long keepAliveTimeout) {
    /** Offset of RECFMT in the entry, 2 bytes. */
    public static final int RECFMT = 40;
    /** Offset of QID in the entry, 2 bytes. */
    public static final int QID = 42;
    /** Offset of SQSIZE in the entry, 2 bytes. */
    public static final int SQSIZE = 44;
    /** Offset of CATTR in the entry, 1 byte. */
    public static final int CATTR = 46;
    /** Offset of KATO in the entry, 4 bytes. */
    public static final int KATO = 48;
    /** CATTR bit: submission queue flow control is off. */
    public static final int DISABLE_SQ_FLOW_CONTROL = 1 << 2;
    /** CATTR bit: I/O queues can be deleted one by one. */
    public static final int INDIVIDUAL_IO_QUEUE_DELETION = 1 << 3;

    /**
     * Reads the fields of a Connect entry; nothing is refused here, for each field has its own status.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return the fields
     */
    public static ConnectCommand decode(ByteBuf buffer, int index) {
        return new ConnectCommand(
                buffer.getUnsignedShortLE(index + RECFMT),
                buffer.getUnsignedShortLE(index + QID),
                buffer.getUnsignedShortLE(index + SQSIZE),
                buffer.getUnsignedByte(index + CATTR),
                buffer.getUnsignedIntLE(index + KATO));
    }

    /**
     * Writes the whole entry but for CID and SGL 1.
     *
     * @param buffer receives the entry
     * @param index absolute index of the entry
     * @throws IllegalArgumentException if a field is out of range
     */
    public void encode(ByteBuf buffer, int index) {
        Require.range("RECFMT", recordFormat, 0, 0xFFFF);
        Require.range("QID", queueId, 0, 0xFFFF);
        Require.range("SQSIZE", sqSize, 0, 0xFFFF);
        Require.range("CATTR", attributes, 0, 0xFF);
        Require.range("KATO", keepAliveTimeout, 0, 0xFFFF_FFFFL);
        SubmissionQueueEntry.start(buffer, index, FabricsCommandType.FABRICS_OPCODE, FabricsCommandType.CONNECT);
        buffer.setShortLE(index + RECFMT, recordFormat);
        buffer.setShortLE(index + QID, queueId);
        buffer.setShortLE(index + SQSIZE, sqSize);
        buffer.setByte(index + CATTR, attributes);
        buffer.setIntLE(index + KATO, (int) keepAliveTimeout);
    }

    /** {@return the entries of the submission queue, SQSIZE plus one} */
    public int entries() {
        return sqSize + 1;
    }

    /** {@return whether submission queue flow control is to be off} */
    public boolean sqFlowControlDisabled() {
        return (attributes & DISABLE_SQ_FLOW_CONTROL) != 0;
    }
}
