package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.TransportOptions;

/**
 * The handshake of a connection (NVMe/TCP section 3.6.2.2, "Initialize Connection"): ICReq from the host, ICResp from the
 * controller, each checked before anything else is read.
 */
final class InitializeConnection {

    private InitializeConnection() {}

    static void encodeRequest(TransportOptions options, ByteBuf target, int index) {
        encode(
                target,
                index,
                Pdu.IC_REQ,
                options.require(TcpOptions.HOST_PDA),
                digests(options.require(TcpOptions.HEADER_DIGEST), options.require(TcpOptions.DATA_DIGEST)),
                options.require(TcpOptions.MAX_R2T));
    }

    /** The answer to a request that {@link #request} accepted. */
    static void encodeResponse(TransportOptions options, ConnectionParameters agreed, ByteBuf target, int index) {
        encode(
                target,
                index,
                Pdu.IC_RESP,
                options.require(TcpOptions.CONTROLLER_PDA),
                digests(agreed.headerDigest(), agreed.dataDigest()),
                agreed.maxH2CData());
    }

    /** Checks a request as the controller; digests are granted as asked. */
    static ConnectionParameters request(TransportOptions options, ByteBuf pdu, int index) throws ProtocolViolation {
        checkCommon(pdu, index, Pdu.IC_REQ, true);
        int granted = pdu.getUnsignedByte(index + Pdu.IC_DGST);
        return new ConnectionParameters(
                (granted & Pdu.DGST_HEADER) != 0,
                (granted & Pdu.DGST_DATA) != 0,
                alignment(options.require(TcpOptions.CONTROLLER_PDA)),
                alignment(pdu.getUnsignedByte(index + Pdu.IC_PDA)),
                pdu.getUnsignedIntLE(index + Pdu.IC_MAXR2T),
                options.require(TcpOptions.MAX_H2C_DATA));
    }

    /** Checks a response as the host, which insists on the digests it asked for: neither less nor more. */
    static ConnectionParameters response(TransportOptions options, ByteBuf pdu, int index) throws ProtocolViolation {
        checkCommon(pdu, index, Pdu.IC_RESP, false);
        int asked = digests(options.require(TcpOptions.HEADER_DIGEST), options.require(TcpOptions.DATA_DIGEST));
        int granted = pdu.getUnsignedByte(index + Pdu.IC_DGST);
        if (granted != asked) {
            throw ProtocolViolation.of(
                    ProtocolViolation.UNSUPPORTED_PARAMETER,
                    Pdu.IC_DGST,
                    "the controller enabled digests " + granted + " where " + asked
                            + " were asked for (1 header, 2 data)");
        }
        long maxH2CData = pdu.getUnsignedIntLE(index + Pdu.IC_MAXH2CDATA);
        if (maxH2CData < TcpOptions.MIN_MAX_H2C_DATA || maxH2CData % 4 != 0) {
            throw ProtocolViolation.field(
                    Pdu.IC_MAXH2CDATA, "MAXH2CDATA is " + maxH2CData + ", not a multiple of 4 from 4096 on");
        }
        return new ConnectionParameters(
                (granted & Pdu.DGST_HEADER) != 0,
                (granted & Pdu.DGST_DATA) != 0,
                alignment(options.require(TcpOptions.HOST_PDA)),
                alignment(pdu.getUnsignedByte(index + Pdu.IC_PDA)),
                options.require(TcpOptions.MAX_R2T),
                (int) Math.min(maxH2CData, Integer.MAX_VALUE));
    }

    private static void checkCommon(ByteBuf pdu, int index, int type, boolean controller) throws ProtocolViolation {
        String name = controller ? "ICReq" : "ICResp";
        int received = Pdu.type(pdu, index);
        if (received != type) {
            String detail = "the first PDU has type " + received + " instead of " + type + " (" + name + ")";
            throw Pdu.headerLength(received) == 0
                    ? ProtocolViolation.field(Pdu.TYPE, detail)
                    : ProtocolViolation.sequence(detail);
        }
        checkField(name, "flags", Pdu.FLAGS, Pdu.flags(pdu, index), 0);
        checkField(name, "HLEN", Pdu.HLEN, Pdu.headerLength(pdu, index), Pdu.IC_LENGTH);
        checkField(name, "PDO", Pdu.PDO, Pdu.dataOffset(pdu, index), 0);
        checkField(name, "PLEN", Pdu.PLEN, Pdu.length(pdu, index), Pdu.IC_LENGTH);
        int version = pdu.getUnsignedShortLE(index + Pdu.IC_PFV);
        if (version != 0) {
            throw ProtocolViolation.of(
                    ProtocolViolation.UNSUPPORTED_PARAMETER, Pdu.IC_PFV, "the PFV of " + name + " is " + version);
        }
        int alignment = pdu.getUnsignedByte(index + Pdu.IC_PDA);
        if (alignment > Pdu.MAX_PDA) {
            throw ProtocolViolation.field(
                    Pdu.IC_PDA, "the data alignment of " + name + " is " + alignment + ", outside 0..31");
        }
        int digests = pdu.getUnsignedByte(index + Pdu.IC_DGST);
        if ((digests & ~(Pdu.DGST_HEADER | Pdu.DGST_DATA)) != 0) {
            throw ProtocolViolation.field(Pdu.IC_DGST, "the digests of " + name + " are " + digests);
        }
    }

    private static void checkField(String pdu, String name, int offset, long value, long expected)
            throws ProtocolViolation {
        if (value != expected) {
            throw ProtocolViolation.field(
                    offset, "the " + name + " of " + pdu + " is " + value + " instead of " + expected);
        }
    }

    private static void encode(ByteBuf target, int index, int type, int alignment, int digests, int limit) {
        target.setZero(index, Pdu.IC_LENGTH);
        Pdu.encodeCommonHeader(target, index, type, 0, Pdu.IC_LENGTH, 0, Pdu.IC_LENGTH);
        target.setByte(index + Pdu.IC_PDA, alignment);
        target.setByte(index + Pdu.IC_DGST, digests);
        target.setIntLE(index + Pdu.IC_MAXR2T, limit);
    }

    private static int digests(boolean header, boolean data) {
        return (header ? Pdu.DGST_HEADER : 0) | (data ? Pdu.DGST_DATA : 0);
    }

    /** Bytes of a 0's based number of dwords. */
    private static int alignment(int dwords) {
        return (dwords + 1) * 4;
    }
}
