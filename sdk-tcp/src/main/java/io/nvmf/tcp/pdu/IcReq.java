package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Initialize Connection Request, with which the host begins a connection (NVMe/TCP Transport Specification, "Initialize
 * Connection Request PDU (ICReq)").
 */
public final class IcReq {

    /** Bytes of the PDU. */
    public static final int LENGTH = Initialization.LENGTH;

    /** The largest HPDA: 32 dwords, 0's based. */
    public static final int MAX_ALIGNMENT = Initialization.MAX_PDA;

    private IcReq() {}

    /**
     * Writes the whole PDU.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param alignment HPDA, in dwords, 0's based, 0 to 31
     * @param headerDigest whether header digests are asked for
     * @param dataDigest whether data digests are asked for
     * @param maxR2t MAXR2T, R2Ts that may be outstanding for one command, 0's based
     */
    public static void encode(
            ByteBuf pdu, int index, int alignment, boolean headerDigest, boolean dataDigest, int maxR2t) {
        Initialization.encode(
                pdu, index, PduType.IC_REQ, alignment, Initialization.digests(headerDigest, dataDigest), maxR2t);
    }

    /**
     * Checks all fields of the first PDU that the controller gets, the common header too.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @throws ProtocolViolation about the first field that is wrong
     */
    public static void check(ByteBuf pdu, int index) throws ProtocolViolation {
        Initialization.check(PduType.IC_REQ, pdu, index);
    }

    /**
     * Whether header digests are asked for.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bit 0 of DGST
     */
    public static boolean headerDigest(ByteBuf pdu, int index) {
        return Initialization.headerDigest(pdu, index);
    }

    /**
     * Whether data digests are asked for.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bit 1 of DGST
     */
    public static boolean dataDigest(ByteBuf pdu, int index) {
        return Initialization.dataDigest(pdu, index);
    }

    /**
     * How the host wants data aligned that it receives.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return HPDA in bytes, 4 to 128
     */
    public static int alignment(ByteBuf pdu, int index) {
        return Initialization.alignment(pdu, index);
    }

    /**
     * R2Ts that may be outstanding for one command.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return MAXR2T, 0's based, unsigned 32 bits
     */
    public static long maxR2t(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + Initialization.LIMIT);
    }
}
