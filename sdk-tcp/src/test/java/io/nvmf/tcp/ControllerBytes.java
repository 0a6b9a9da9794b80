package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.tcp.pdu.C2hData;
import io.nvmf.tcp.pdu.CapsuleResp;
import io.nvmf.tcp.pdu.CommonHeader;
import io.nvmf.tcp.pdu.Crc32cDigest;
import io.nvmf.tcp.pdu.IcResp;
import io.nvmf.tcp.pdu.PduType;
import io.nvmf.tcp.pdu.R2t;

/** What a controller puts on the wire, written down before anything is measured. */
final class ControllerBytes {

    private final Crc32cDigest crc = new Crc32cDigest();
    private final boolean digests;
    private final ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer();

    ControllerBytes(boolean digests) {
        this.digests = digests;
    }

    static ByteBuf icResp(boolean digests, int maxH2CData) {
        ByteBuf pdu = Unpooled.directBuffer(IcResp.LENGTH).writeZero(IcResp.LENGTH);
        IcResp.encode(pdu, 0, 0, digests, digests, maxH2CData);
        return pdu;
    }

    /** Everything so far. */
    ByteBuf bytes() {
        return bytes;
    }

    void capsuleResp(int commandId) {
        int header = begin(PduType.CAPSULE_RESP, 0, 0);
        bytes.setShortLE(CapsuleResp.entry(header) + CompletionQueueEntry.COMMAND_ID, commandId);
        end(header, 0);
    }

    /** All data of a command, and its success. */
    void c2hData(int commandId, int length) {
        int header = begin(PduType.C2H_DATA, CommonHeader.LAST_PDU | CommonHeader.SUCCESS, length);
        C2hData.encode(bytes, header, commandId, 0, length);
        end(header, length);
    }

    /** For all data of a command. */
    void r2t(int commandId, int length) {
        int header = begin(PduType.R2T, 0, 0);
        R2t.encode(bytes, header, commandId, commandId, 0, length);
        end(header, 0);
    }

    private int begin(PduType type, int flags, int dataLength) {
        int header = bytes.writerIndex();
        int digestLength = digests ? Crc32cDigest.LENGTH : 0;
        int headerLength = type.headerLength();
        int full = headerLength + digestLength;
        boolean data = dataLength > 0;
        bytes.writeZero(headerLength);
        CommonHeader.encode(
                bytes,
                header,
                type,
                flags | (digests ? CommonHeader.HDGSTF : 0) | (digests && data ? CommonHeader.DDGSTF : 0),
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
