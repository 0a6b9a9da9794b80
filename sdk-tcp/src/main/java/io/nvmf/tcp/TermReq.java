package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.Termination;
import java.nio.ByteBuffer;

/** Termination requests of both roles (NVMe/TCP sections 3.6.2.4 and 3.6.2.5): the last words of a connection. */
final class TermReq {

    private TermReq() {}

    /** Bytes that {@link #encode} writes. */
    static int length(ByteBuffer offendingHeader) {
        return Pdu.TERM_REQ_LENGTH + offendingHeader.remaining();
    }

    static void encode(
            boolean controller, ProtocolViolation violation, ByteBuffer offendingHeader, ByteBuf target, int index) {
        int length = length(offendingHeader);
        target.setZero(index, Pdu.TERM_REQ_LENGTH);
        Pdu.encodeCommonHeader(
                target, index, controller ? Pdu.C2H_TERM_REQ : Pdu.H2C_TERM_REQ, 0, Pdu.TERM_REQ_LENGTH, 0, length);
        target.setShortLE(index + Pdu.TERM_FES, violation.fatalErrorStatus());
        target.setIntLE(index + Pdu.TERM_FEI, (int) violation.fatalErrorInformation());
        target.setBytes(index + Pdu.TERM_HEADER, offendingHeader.duplicate());
    }

    /** How a connection ends whose peer sent a termination request. */
    static Termination decode(ByteBuf pdu, int index) {
        int length = (int) Pdu.length(pdu, index);
        byte[] header = new byte[length - Pdu.TERM_REQ_LENGTH];
        pdu.getBytes(index + Pdu.TERM_HEADER, header);
        int status = pdu.getUnsignedShortLE(index + Pdu.TERM_FES);
        long information = pdu.getUnsignedIntLE(index + Pdu.TERM_FEI);
        return new Termination.ProtocolError(
                Termination.Side.REMOTE,
                status,
                information,
                "the peer ended the connection: " + text(status) + ", information " + information,
                ByteBuffer.wrap(header));
    }

    private static String text(int status) {
        return switch (status) {
            case ProtocolViolation.INVALID_HEADER_FIELD -> "invalid PDU header field";
            case ProtocolViolation.SEQUENCE_ERROR -> "PDU sequence error";
            case ProtocolViolation.HEADER_DIGEST_ERROR -> "header digest error";
            case ProtocolViolation.DATA_TRANSFER_OUT_OF_RANGE -> "data transfer out of range";
            case ProtocolViolation.LIMIT_EXCEEDED -> "R2T or data transfer limit exceeded";
            case ProtocolViolation.UNSUPPORTED_PARAMETER -> "unsupported parameter";
            default -> "fatal error status " + status;
        };
    }
}
