package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * What {@link IcReq} and {@link IcResp} have in common: the layout but for the meaning of one field, and most checks.
 */
final class Initialization {

    static final int LENGTH = 128;

    static final int PFV = 8;

    /** HPDA of a request, CPDA of a response. */
    static final int PDA = 10;

    static final int DGST = 11;

    /** MAXR2T of a request, MAXH2CDATA of a response. */
    static final int LIMIT = 12;

    private static final int HEADER_DIGEST = 1;
    private static final int DATA_DIGEST = 1 << 1;

    /** Alignments count dwords, 0's based, up to this value. */
    static final int MAX_PDA = 31;

    private Initialization() {}

    static void encode(ByteBuf pdu, int index, PduType type, int alignment, int digests, int limit) {
        pdu.setZero(index, LENGTH);
        CommonHeader.encode(pdu, index, type, 0, 0, LENGTH);
        pdu.setByte(index + PDA, alignment);
        pdu.setByte(index + DGST, digests);
        pdu.setIntLE(index + LIMIT, limit);
    }

    static int digests(boolean header, boolean data) {
        return (header ? HEADER_DIGEST : 0) | (data ? DATA_DIGEST : 0);
    }

    static boolean headerDigest(ByteBuf pdu, int index) {
        return (pdu.getByte(index + DGST) & HEADER_DIGEST) != 0;
    }

    static boolean dataDigest(ByteBuf pdu, int index) {
        return (pdu.getByte(index + DGST) & DATA_DIGEST) != 0;
    }

    /** Bytes of a 0's based number of dwords. */
    static int alignment(ByteBuf pdu, int index) {
        return (pdu.getUnsignedByte(index + PDA) + 1) * 4;
    }

    static void check(PduType due, ByteBuf pdu, int index) throws ProtocolViolation {
        PduType received = CommonHeader.type(pdu, index);
        if (received != due) {
            String detail = "the first PDU has type " + pdu.getUnsignedByte(index + CommonHeader.TYPE) + " instead of "
                    + due.number() + " (" + due + ")";
            throw received == null
                    ? ProtocolViolation.field(CommonHeader.TYPE, detail)
                    : ProtocolViolation.sequence(detail);
        }
        check(due, "flags", CommonHeader.FLAGS, CommonHeader.flags(pdu, index), 0);
        check(due, "HLEN", CommonHeader.HLEN, CommonHeader.headerLength(pdu, index), LENGTH);
        check(due, "PDO", CommonHeader.PDO, CommonHeader.dataOffset(pdu, index), 0);
        check(due, "PLEN", CommonHeader.PLEN, CommonHeader.length(pdu, index), LENGTH);
        int version = pdu.getUnsignedShortLE(index + PFV);
        if (version != 0) {
            throw ProtocolViolation.parameter(PFV, "the PFV of " + due + " is " + version + " instead of 0");
        }
        int alignment = pdu.getUnsignedByte(index + PDA);
        if (alignment > MAX_PDA) {
            throw ProtocolViolation.field(PDA, "the data alignment of " + due + " is " + alignment + ", outside 0..31");
        }
        int digests = pdu.getUnsignedByte(index + DGST);
        if ((digests & ~(HEADER_DIGEST | DATA_DIGEST)) != 0) {
            throw ProtocolViolation.field(DGST, "the digests of " + due + " are " + digests + ", outside 0..3");
        }
    }

    private static void check(PduType type, String name, int offset, long value, long due) throws ProtocolViolation {
        if (value != due) {
            throw ProtocolViolation.field(
                    offset, "the " + name + " of " + type + " is " + value + " instead of " + due);
        }
    }
}
