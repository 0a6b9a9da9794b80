package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The first eight bytes of every PDU (NVMe/TCP Transport Specification, "PDU Common Header").
 *
 * <p>PLEN is the peer's word, so all arithmetic on it is done in 64 bits.
 */
public final class CommonHeader {

    /** Bytes of the common header. */
    public static final int LENGTH = 8;

    /** Flag: a digest follows the header. */
    public static final int HDGSTF = 1;

    /** Flag: a digest follows the data. */
    public static final int DDGSTF = 1 << 1;

    /** Flag of data: the last PDU of the transfer, or of the answer to one R2T. */
    public static final int LAST_PDU = 1 << 2;

    /** Flag of C2HData: the command succeeded, and no CapsuleResp follows. */
    public static final int SUCCESS = 1 << 3;

    static final int TYPE = 0;
    static final int FLAGS = 1;
    static final int HLEN = 2;
    static final int PDO = 3;
    static final int PLEN = 4;

    private CommonHeader() {}

    /**
     * PDU-Type.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return the type, or null for a number that the specification does not use
     */
    public static @Nullable PduType type(ByteBuf pdu, int index) {
        return PduType.of(pdu.getUnsignedByte(index + TYPE));
    }

    /**
     * FLAGS.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return the flags, 8 bits
     */
    public static int flags(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + FLAGS);
    }

    /**
     * Whether {@link #LAST_PDU} is set.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return true for the last PDU
     */
    public static boolean isLast(ByteBuf pdu, int index) {
        return (flags(pdu, index) & LAST_PDU) != 0;
    }

    /**
     * HLEN.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bytes of the header without digest, as the peer says
     */
    public static int headerLength(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + HLEN);
    }

    /**
     * PDO.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return offset of the data from the start of the PDU in bytes, 0 without data
     */
    public static int dataOffset(ByteBuf pdu, int index) {
        return pdu.getUnsignedByte(index + PDO);
    }

    /**
     * PLEN.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return bytes of the whole PDU with padding and digests, as the peer says
     */
    public static long length(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + PLEN);
    }

    /**
     * Writes the common header.
     *
     * @param pdu takes the PDU
     * @param index where it starts
     * @param type PDU-Type and HLEN
     * @param flags all flags, those of digests too
     * @param dataOffset PDO
     * @param length PLEN
     */
    public static void encode(ByteBuf pdu, int index, PduType type, int flags, int dataOffset, int length) {
        pdu.setByte(index + TYPE, type.number());
        pdu.setByte(index + FLAGS, flags);
        pdu.setByte(index + HLEN, type.headerLength());
        pdu.setByte(index + PDO, dataOffset);
        pdu.setIntLE(index + PLEN, length);
    }

    /**
     * Where data begins behind a header.
     *
     * @param fullHeader bytes of the header with its digest
     * @param alignment bytes, at least 1
     * @return the next multiple of the alignment
     */
    public static int aligned(int fullHeader, int alignment) {
        return (fullHeader + alignment - 1) / alignment * alignment;
    }

    /**
     * Checks the common header of a PDU that came after ICReq and ICResp: type, flags, HLEN, PDO and PLEN, in the order
     * in which one of several errors is reported.
     *
     * @param controller whether this side is the controller
     * @param parameters what ICReq and ICResp agreed upon
     * @param pdu holds the PDU
     * @param index where it starts
     * @return number of data bytes that the PDU carries
     * @throws ProtocolViolation about the first field that is wrong
     */
    public static long check(boolean controller, ConnectionParameters parameters, ByteBuf pdu, int index)
            throws ProtocolViolation {
        PduType type = checkType(controller, pdu, index);
        long length = length(pdu, index);
        if (type.isTermReq()) {
            TermReq.checkLength(length);
        }
        int fullHeader = type.headerLength() + (type.mayCarryHeaderDigest() ? parameters.headerDigestLength() : 0);
        checkFlags(parameters, type, flags(pdu, index), length, fullHeader);
        int headerLength = headerLength(pdu, index);
        if (headerLength != type.headerLength()) {
            throw ProtocolViolation.field(
                    HLEN, "the HLEN of " + type + " is " + headerLength + " instead of " + type.headerLength());
        }
        int dataOffset = dataOffset(pdu, index);
        checkDataOffset(parameters, type, dataOffset, fullHeader, length);
        return dataLength(parameters, type, dataOffset, fullHeader, length);
    }

    private static PduType checkType(boolean controller, ByteBuf pdu, int index) throws ProtocolViolation {
        PduType type = type(pdu, index);
        if (type == null || type.isInitialization() || type.isFromController() == controller) {
            throw ProtocolViolation.field(
                    TYPE,
                    "PDU type " + pdu.getUnsignedByte(index + TYPE) + " is not one that a "
                            + (controller ? "host" : "controller") + " sends now");
        }
        return type;
    }

    private static void checkFlags(
            ConnectionParameters parameters, PduType type, int flags, long length, int fullHeader)
            throws ProtocolViolation {
        boolean headerDigest = parameters.headerDigest() && type.mayCarryHeaderDigest();
        boolean mayHaveDigest = parameters.dataDigest() && type.mayCarryData();
        // A PLEN that does not even hold the header says nothing about data; it is reported itself.
        boolean dataDigest = mayHaveDigest && (length < fullHeader ? (flags & DDGSTF) != 0 : length > fullHeader);
        if ((flags & ~type.legalFlags()) != 0
                || ((flags & HDGSTF) != 0) != headerDigest
                || ((flags & DDGSTF) != 0) != dataDigest
                || (flags & (SUCCESS | LAST_PDU)) == SUCCESS) {
            throw ProtocolViolation.field(
                    FLAGS,
                    "the flags of " + type + " are 0x" + Integer.toHexString(flags) + " where header digests are "
                            + (headerDigest ? "on" : "off") + " and a data digest is "
                            + (dataDigest ? "due" : "not due"));
        }
    }

    private static void checkDataOffset(
            ConnectionParameters parameters, PduType type, int dataOffset, int fullHeader, long length)
            throws ProtocolViolation {
        if (!type.mayCarryData()) {
            if (dataOffset != 0) {
                throw ProtocolViolation.field(PDO, "the PDO of " + type + ", which has no data, is " + dataOffset);
            }
            return;
        }
        if (dataOffset == 0 && length <= fullHeader) {
            return;
        }
        if (length < fullHeader && dataOffset == aligned(fullHeader, parameters.receiveAlignment())) {
            // Where data begins behind a header of this length: PLEN is what is wrong.
            return;
        }
        if (dataOffset < fullHeader || dataOffset > length || dataOffset % parameters.receiveAlignment() != 0) {
            throw ProtocolViolation.field(
                    PDO,
                    "the PDO of " + type + " is " + dataOffset + ", not a multiple of " + parameters.receiveAlignment()
                            + " in " + fullHeader + ".." + length);
        }
    }

    private static long dataLength(
            ConnectionParameters parameters, PduType type, int dataOffset, int fullHeader, long length)
            throws ProtocolViolation {
        if (length < fullHeader) {
            throw ProtocolViolation.field(PLEN, "the PLEN of " + type + " is " + length + ", less than its header");
        }
        if (length == fullHeader || type.isTermReq()) {
            return 0;
        }
        if (!type.mayCarryData()) {
            throw ProtocolViolation.field(PLEN, "the PLEN of " + type + ", which has no data, is " + length);
        }
        long data = length - dataOffset;
        if (parameters.dataDigest()) {
            if (data <= Crc32cDigest.LENGTH) {
                throw ProtocolViolation.field(
                        PLEN, "the PLEN of " + type + " is " + length + ", too little for a data digest");
            }
            data -= Crc32cDigest.LENGTH;
        }
        return data;
    }
}
