package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;

/**
 * Layout of the protocol data units (NVMe/TCP Transport Specification 1.1, section 3.6): types, flags, lengths and field
 * offsets, and access to the 8-byte common header in place.
 */
final class Pdu {

    /** Common header, bytes. */
    static final int COMMON_HEADER = 8;

    static final int TYPE = 0;
    static final int FLAGS = 1;
    static final int HLEN = 2;
    static final int PDO = 3;
    static final int PLEN = 4;

    static final int IC_REQ = 0x00;
    static final int IC_RESP = 0x01;
    static final int H2C_TERM_REQ = 0x02;
    static final int C2H_TERM_REQ = 0x03;
    static final int CAPSULE_CMD = 0x04;
    static final int CAPSULE_RESP = 0x05;
    static final int H2C_DATA = 0x06;
    static final int C2H_DATA = 0x07;
    static final int R2T = 0x09;

    static final int HDGSTF = 1;
    static final int DDGSTF = 1 << 1;
    static final int LAST_PDU = 1 << 2;
    static final int SUCCESS = 1 << 3;

    static final int IC_LENGTH = 128;
    static final int TERM_REQ_LENGTH = 24;
    static final int CAPSULE_CMD_LENGTH = 72;
    static final int CAPSULE_RESP_LENGTH = 24;
    static final int DATA_LENGTH = 24;
    static final int R2T_LENGTH = 24;

    /** Digest of header or data, bytes. */
    static final int DIGEST = 4;

    /** Offending header bytes that a termination request carries at most. */
    static final int MAX_OFFENDING_HEADER = 128;

    /** The queue entry within a capsule. */
    static final int CAPSULE_ENTRY = 8;

    /** ICReq and ICResp. */
    static final int IC_PFV = 8;

    static final int IC_PDA = 10;
    static final int IC_DGST = 11;
    static final int IC_MAXR2T = 12;
    static final int IC_MAXH2CDATA = 12;

    static final int DGST_HEADER = 1;
    static final int DGST_DATA = 1 << 1;

    /** Termination requests; FEI is not aligned. */
    static final int TERM_FES = 8;

    static final int TERM_FEI = 10;
    static final int TERM_HEADER = 24;

    /** H2CData, C2HData and R2T share their layout; C2HData has no transfer tag. */
    static final int DATA_CCCID = 8;

    static final int DATA_TTAG = 10;
    static final int DATA_DATAO = 12;
    static final int DATA_DATAL = 16;

    /** Alignments count dwords, 0's based, up to this value. */
    static final int MAX_PDA = 31;

    private Pdu() {}

    static int type(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + TYPE);
    }

    static int flags(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + FLAGS);
    }

    static int headerLength(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + HLEN);
    }

    static int dataOffset(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + PDO);
    }

    static long length(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + PLEN);
    }

    /** HLEN that the specification sets for a type, or 0 for a type it does not know. */
    static int headerLength(int type) {
        return switch (type) {
            case IC_REQ, IC_RESP -> IC_LENGTH;
            case H2C_TERM_REQ, C2H_TERM_REQ -> TERM_REQ_LENGTH;
            case CAPSULE_CMD -> CAPSULE_CMD_LENGTH;
            case CAPSULE_RESP -> CAPSULE_RESP_LENGTH;
            case H2C_DATA, C2H_DATA -> DATA_LENGTH;
            case R2T -> R2T_LENGTH;
            default -> 0;
        };
    }

    static boolean isTermReq(int type) {
        return type == H2C_TERM_REQ || type == C2H_TERM_REQ;
    }

    /** Types that may carry data, and so padding and a data digest. */
    static boolean mayCarryData(int type) {
        return type == CAPSULE_CMD || type == H2C_DATA || type == C2H_DATA;
    }

    static void encodeCommonHeader(
            ByteBuf pdu, int index, int type, int flags, int headerLength, int dataOffset, int length) {
        pdu.setByte(index + TYPE, type);
        pdu.setByte(index + FLAGS, flags);
        pdu.setByte(index + HLEN, headerLength);
        pdu.setByte(index + PDO, dataOffset);
        pdu.setIntLE(index + PLEN, length);
    }

    static int roundUp(int value, int alignment) {
        return (value + alignment - 1) / alignment * alignment;
    }
}
