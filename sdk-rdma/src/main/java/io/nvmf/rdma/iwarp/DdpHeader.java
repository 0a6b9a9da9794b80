package io.nvmf.rdma.iwarp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The header of one DDP segment with the ULPDU length before it and the RDMAP control byte in it (RFC 5041 section 4,
 * RFC 5040 section 4.1), over the bytes as they came. One object serves a connection.
 */
final class DdpHeader {

    // Offsets from the start of the FPDU.
    static final int DDP_CONTROL = 2;
    static final int RDMAP_CONTROL = 3;
    static final int STAG = 4;
    static final int TAGGED_OFFSET = 8;
    static final int QUEUE = 8;
    static final int SEQUENCE = 12;
    static final int MESSAGE_OFFSET = 16;
    static final int TAGGED_LENGTH = 16;
    static final int UNTAGGED_LENGTH = 20;

    /** Bytes that say how long the header is. */
    static final int PREFIX = 4;

    /** Of {@code ULPDU_Length}, which does not count itself. */
    static final int LENGTH_FIELD = 2;

    static final int TAGGED = 0x80;
    static final int LAST = 0x40;
    static final int DDP_VERSION = 0x01;
    static final int RDMAP_VERSION = 0x40;

    // RDMAP opcodes.
    static final int WRITE = 0;
    static final int READ_REQUEST = 1;
    static final int READ_RESPONSE = 2;
    static final int SEND = 3;
    static final int SEND_INVALIDATE = 4;
    static final int SEND_EVENT = 5;
    static final int SEND_EVENT_INVALIDATE = 6;
    static final int TERMINATE = 7;

    // Queues of untagged messages.
    static final int SEND_QUEUE = 0;
    static final int READ_QUEUE = 1;
    static final int TERMINATE_QUEUE = 2;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes = new byte[UNTAGGED_LENGTH];

    /** The bytes, to be filled from the wire. */
    byte[] bytes() {
        return bytes;
    }

    /** Bytes of the DDP segment. */
    int segmentLength() {
        return (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
    }

    boolean isTagged() {
        return (bytes[DDP_CONTROL] & TAGGED) != 0;
    }

    boolean isLast() {
        return (bytes[DDP_CONTROL] & LAST) != 0;
    }

    int ddpVersion() {
        return bytes[DDP_CONTROL] & 0x03;
    }

    int rdmapVersion() {
        return bytes[RDMAP_CONTROL] >> 6 & 0x03;
    }

    int opcode() {
        return bytes[RDMAP_CONTROL] & 0x0F;
    }

    /** Bytes of the header from the start of the FPDU. */
    int length() {
        return isTagged() ? TAGGED_LENGTH : UNTAGGED_LENGTH;
    }

    int payloadLength() {
        return segmentLength() + LENGTH_FIELD - length();
    }

    /** Of a tagged segment: whose memory. Of an untagged one: what is to be invalidated. */
    int stag() {
        return (int) INT.get(bytes, STAG);
    }

    long taggedOffset() {
        return (long) LONG.get(bytes, TAGGED_OFFSET);
    }

    int queue() {
        return (int) INT.get(bytes, QUEUE);
    }

    int sequence() {
        return (int) INT.get(bytes, SEQUENCE);
    }

    int messageOffset() {
        return (int) INT.get(bytes, MESSAGE_OFFSET);
    }

    @Override
    public String toString() {
        String kind = "opcode " + opcode() + (isLast() ? " last, " : ", ") + segmentLength() + " bytes, STag 0x"
                + Integer.toHexString(stag());
        return isTagged()
                ? kind + ", offset 0x" + Long.toHexString(taggedOffset())
                : kind + ", queue " + Integer.toUnsignedString(queue()) + ", message "
                        + Integer.toUnsignedString(sequence()) + ", offset "
                        + Integer.toUnsignedString(messageOffset());
    }
}
