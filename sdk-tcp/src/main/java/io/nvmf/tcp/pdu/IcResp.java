package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Initialize Connection Response, the controller's answer to {@link IcReq} (NVMe/TCP Transport Specification,
 * "Initialize Connection Response PDU (ICResp)").
 */
public final class IcResp {

    /** Bytes of the PDU. */
    public static final int LENGTH = Initialization.LENGTH;

    /** The smallest MAXH2CDATA that is legal, bytes. */
    public static final int MIN_MAX_H2C_DATA = 4096;

    /** The largest CPDA: 32 dwords, 0's based. */
    public static final int MAX_ALIGNMENT = Initialization.MAX_PDA;

    private IcResp() {}

    /**
     * Writes the whole PDU.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param alignment CPDA, in dwords, 0's based, 0 to 31
     * @param headerDigest whether header digests are on
     * @param dataDigest whether data digests are on
     * @param maxH2CData MAXH2CDATA in bytes, a multiple of 4 from {@link #MIN_MAX_H2C_DATA} on
     */
    public static void encode(
            ByteBuf pdu, int index, int alignment, boolean headerDigest, boolean dataDigest, int maxH2CData) {
        Initialization.encode(
                pdu, index, PduType.IC_RESP, alignment, Initialization.digests(headerDigest, dataDigest), maxH2CData);
    }

    /**
     * Checks all fields of the first PDU that the host gets, the common header too. A host insists on the digests that
     * it asked for: neither less nor more.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @param headerDigest whether the host asked for header digests
     * @param dataDigest whether the host asked for data digests
     * @throws ProtocolViolation about the first field that is wrong
     */
    public static void check(ByteBuf pdu, int index, boolean headerDigest, boolean dataDigest)
            throws ProtocolViolation {
        Initialization.check(PduType.IC_RESP, pdu, index);
        int asked = Initialization.digests(headerDigest, dataDigest);
        int granted = pdu.getUnsignedByte(index + Initialization.DGST);
        if (granted != asked) {
            throw ProtocolViolation.parameter(
                    Initialization.DGST,
                    "the controller enabled digests " + granted + " where " + asked
                            + " were asked for (1 header, 2 data)");
        }
        long maxH2CData = maxH2CData(pdu, index);
        if (maxH2CData < MIN_MAX_H2C_DATA || maxH2CData % 4 != 0) {
            throw ProtocolViolation.field(
                    Initialization.LIMIT, "MAXH2CDATA is " + maxH2CData + ", not a multiple of 4 from 4096 on");
        }
    }

    /**
     * Whether header digests are on.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bit 0 of DGST
     */
    public static boolean headerDigest(ByteBuf pdu, int index) {
        return Initialization.headerDigest(pdu, index);
    }

    /**
     * Whether data digests are on.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bit 1 of DGST
     */
    public static boolean dataDigest(ByteBuf pdu, int index) {
        return Initialization.dataDigest(pdu, index);
    }

    /**
     * How the controller wants data aligned that it receives.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return CPDA in bytes, 4 to 128
     */
    public static int alignment(ByteBuf pdu, int index) {
        return Initialization.alignment(pdu, index);
    }

    /**
     * The most data of one H2CData PDU.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return MAXH2CDATA in bytes, unsigned 32 bits
     */
    public static long maxH2CData(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + Initialization.LIMIT);
    }
}
