package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** What a controller puts on the wire, written down before anything is measured. */
final class ControllerBytes {

    private final Crc32cDigest crc = new Crc32cDigest();
    private final boolean digests;
    private final ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer();

    ControllerBytes(boolean digests) {
        this.digests = digests;
    }

    static ByteBuf icResp(boolean digests, int maxH2CData) {
        ByteBuf pdu = Unpooled.directBuffer(Pdu.IC_LENGTH).writeZero(Pdu.IC_LENGTH);
        Pdu.encodeCommonHeader(pdu, 0, Pdu.IC_RESP, 0, Pdu.IC_LENGTH, 0, Pdu.IC_LENGTH);
        pdu.setByte(Pdu.IC_DGST, digests ? Pdu.DGST_HEADER | Pdu.DGST_DATA : 0);
        pdu.setIntLE(Pdu.IC_MAXH2CDATA, maxH2CData);
        return pdu;
    }

    /** Everything so far. */
    ByteBuf bytes() {
        return bytes;
    }

    void capsuleResp(int commandId) {
        int header = begin(Pdu.CAPSULE_RESP, 0, 0);
        bytes.setShortLE(header + Pdu.CAPSULE_ENTRY + 12, commandId);
        end(header, 0);
    }

    /** All data of a command, and its success. */
    void c2hData(int commandId, int length) {
        int header = begin(Pdu.C2H_DATA, Pdu.LAST_PDU | Pdu.SUCCESS, length);
        bytes.setShortLE(header + Pdu.DATA_CCCID, commandId);
        bytes.setIntLE(header + Pdu.DATA_DATAL, length);
        end(header, length);
    }

    /** For all data of a command. */
    void r2t(int commandId, int length) {
        int header = begin(Pdu.R2T, 0, 0);
        bytes.setShortLE(header + Pdu.DATA_CCCID, commandId);
        bytes.setShortLE(header + Pdu.DATA_TTAG, commandId);
        bytes.setIntLE(header + Pdu.DATA_DATAL, length);
        end(header, 0);
    }

    private int begin(int type, int flags, int dataLength) {
        int header = bytes.writerIndex();
        int digestLength = digests ? Pdu.DIGEST : 0;
        int headerLength = Pdu.headerLength(type);
        int full = headerLength + digestLength;
        boolean data = dataLength > 0;
        bytes.writeZero(headerLength);
        Pdu.encodeCommonHeader(
                bytes,
                header,
                type,
                flags | (digests ? Pdu.HDGSTF : 0) | (digests && data ? Pdu.DDGSTF : 0),
                headerLength,
                data ? full : 0,
                data ? full + dataLength + digestLength : full);
        return header;
    }

    private void end(int header, int dataLength) {
        if (digests) {
            bytes.writeIntLE(crc.of(bytes, header, bytes.writerIndex() - header));
        }
        if (dataLength > 0) {
            int data = bytes.writerIndex();
            bytes.writeZero(dataLength);
            if (digests) {
                bytes.writeIntLE(crc.of(bytes, data, dataLength));
            }
        }
    }
}
