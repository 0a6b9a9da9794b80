package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.IcReq;
import io.nvmf.tcp.pdu.IcResp;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.transport.TransportOptions;

/**
 * The handshake of a connection (NVMe/TCP Transport Specification, "Initialize Connection"): what the options ask for,
 * what the peer says, and what comes of it. The messages themselves are {@link IcReq} and {@link IcResp}.
 */
final class InitializeConnection {

    private InitializeConnection() {}

    /** Writes the request of a host. */
    static void encodeRequest(TransportOptions options, ByteBuf target, int index) {
        IcReq.encode(
                target,
                index,
                options.require(TcpOptions.HOST_PDA),
                options.require(TcpOptions.HEADER_DIGEST),
                options.require(TcpOptions.DATA_DIGEST),
                options.require(TcpOptions.MAX_R2T));
    }

    /** Writes the answer to a request that {@link #request} accepted. */
    static void encodeResponse(TransportOptions options, ConnectionParameters agreed, ByteBuf target, int index) {
        IcResp.encode(
                target,
                index,
                options.require(TcpOptions.CONTROLLER_PDA),
                agreed.headerDigest(),
                agreed.dataDigest(),
                agreed.maxH2CData());
    }

    /** Takes a request as the controller, which grants the digests that are asked for. */
    static ConnectionParameters request(TransportOptions options, ByteBuf pdu, int index) throws ProtocolViolation {
        IcReq.check(pdu, index);
        return new ConnectionParameters(
                IcReq.headerDigest(pdu, index),
                IcReq.dataDigest(pdu, index),
                alignment(options.require(TcpOptions.CONTROLLER_PDA)),
                IcReq.alignment(pdu, index),
                IcReq.maxR2t(pdu, index),
                options.require(TcpOptions.MAX_H2C_DATA));
    }

    /** Takes a response as the host. */
    static ConnectionParameters response(TransportOptions options, ByteBuf pdu, int index) throws ProtocolViolation {
        boolean headerDigest = options.require(TcpOptions.HEADER_DIGEST);
        boolean dataDigest = options.require(TcpOptions.DATA_DIGEST);
        IcResp.check(pdu, index, headerDigest, dataDigest);
        return new ConnectionParameters(
                headerDigest,
                dataDigest,
                alignment(options.require(TcpOptions.HOST_PDA)),
                IcResp.alignment(pdu, index),
                options.require(TcpOptions.MAX_R2T),
                (int) Math.min(IcResp.maxH2CData(pdu, index), Integer.MAX_VALUE));
    }

    /** Bytes of a 0's based number of dwords. */
    private static int alignment(int dwords) {
        return (dwords + 1) * 4;
    }
}
