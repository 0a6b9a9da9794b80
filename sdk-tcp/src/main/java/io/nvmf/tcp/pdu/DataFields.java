package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * The fields behind the common header that {@link H2cData}, {@link C2hData} and {@link R2t} have in the same places.
 */
final class DataFields {

    /** Bytes of the header of each of them. */
    static final int LENGTH = 24;

    static final int CCCID = 8;

    /** Reserved in C2HData. */
    static final int TTAG = 10;

    /** DATAO, or R2TO. */
    static final int OFFSET = 12;

    /** DATAL, or R2TL. */
    static final int DATA_LENGTH = 16;

    private static final int RESERVED = 20;

    private DataFields() {}

    static void encode(ByteBuf pdu, int index, int commandId, int tag, long offset, int length) {
        pdu.setShortLE(index + CCCID, commandId);
        pdu.setShortLE(index + TTAG, tag);
        pdu.setIntLE(index + OFFSET, (int) offset);
        pdu.setIntLE(index + DATA_LENGTH, length);
        pdu.setIntLE(index + RESERVED, 0);
    }

    static int commandId(ByteBuf pdu, int index) {
        return pdu.getUnsignedShortLE(index + CCCID);
    }

    static int tag(ByteBuf pdu, int index) {
        return pdu.getUnsignedShortLE(index + TTAG);
    }

    static long offset(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + OFFSET);
    }

    static long length(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + DATA_LENGTH);
    }
}
