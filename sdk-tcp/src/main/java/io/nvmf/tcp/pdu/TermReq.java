package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Terminate Connection Request of either side, the last PDU of a connection (NVMe/TCP Transport Specification, "Host to
 * Controller Terminate Connection Request PDU (H2CTermReq)" and "Controller to Host Terminate Connection Request PDU
 * (C2HTermReq)"). It says what was wrong and quotes the header that was.
 */
public final class TermReq {

    /** Bytes that precede the quoted header. */
    public static final int LENGTH = 24;

    /** Bytes of an offending header that are quoted at most. */
    public static final int MAX_OFFENDING_HEADER = 128;

    private static final int FES = 8;

    /** Not aligned. */
    private static final int FEI = 10;

    private TermReq() {}

    /**
     * PLEN for a quoted header.
     *
     * @param offendingHeader the remaining bytes are quoted
     * @return number of bytes that {@link #encode} writes
     */
    public static int length(ByteBuffer offendingHeader) {
        return LENGTH + offendingHeader.remaining();
    }

    /**
     * Writes the whole PDU.
     *
     * @param controller whether the controller sends it
     * @param violation what the peer did
     * @param offendingHeader the remaining bytes are quoted, at most {@link #MAX_OFFENDING_HEADER}
     * @param pdu takes the PDU
     * @param index where it starts
     */
    public static void encode(
            boolean controller, ProtocolViolation violation, ByteBuffer offendingHeader, ByteBuf pdu, int index) {
        pdu.setZero(index, LENGTH);
        PduType type = controller ? PduType.C2H_TERM_REQ : PduType.H2C_TERM_REQ;
        CommonHeader.encode(pdu, index, type, 0, 0, length(offendingHeader));
        pdu.setShortLE(index + FES, violation.status().code());
        pdu.setIntLE(index + FEI, (int) violation.information());
        pdu.setBytes(index + LENGTH, offendingHeader.duplicate());
    }

    /** A termination request is never answered with another, so a PLEN that is wrong is not either. */
    static void checkLength(long length) throws ProtocolViolation {
        if (length < LENGTH || length > LENGTH + MAX_OFFENDING_HEADER) {
            throw ProtocolViolation.unanswerable(
                    CommonHeader.PLEN, "the PLEN of a termination request is " + length + ", outside 24..152");
        }
    }

    /**
     * Fatal Error Status.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return FES, 16 bits; {@link FatalErrorStatus#text} knows what it means
     */
    public static int status(ByteBuf pdu, int index) {
        return pdu.getUnsignedShortLE(index + FES);
    }

    /**
     * Fatal Error Information.
     *
     * @param pdu holds the PDU
     * @param index where it starts
     * @return FEI, unsigned 32 bits; its meaning depends on the status
     */
    public static long information(ByteBuf pdu, int index) {
        return pdu.getUnsignedIntLE(index + FEI);
    }

    /**
     * The header that the peer objects to.
     *
     * @param pdu holds the PDU, whose common header has been checked
     * @param index where it starts
     * @return a copy
     */
    public static ByteBuffer offendingHeader(ByteBuf pdu, int index) {
        byte[] header = new byte[(int) CommonHeader.length(pdu, index) - LENGTH];
        pdu.getBytes(index + LENGTH, header);
        return ByteBuffer.wrap(header);
    }
}
