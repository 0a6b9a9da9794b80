package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** What is true of every FPDU (RFC 5044 section 4): its padding, its check sum and its sizes. */
final class Fpdu {

    /** Bytes of the CRC, which is stored little-endian. */
    static final int CRC = 4;

    /** Padding and CRC at most. */
    static final int MOST_TRAILER = 3 + CRC;

    /** Smallest and largest ULPDU that the RFC allows to be sent. */
    static final int LEAST_ULPDU = 128;

    static final int MOST_ULPDU = 64_768;

    /** TCP over Ethernet with time stamps. */
    private static final int USUAL_SEGMENT = 1448;

    private Fpdu() {}

    /** Bytes of padding behind a segment. */
    static int padding(int segmentLength) {
        return -(segmentLength + DdpHeader.LENGTH_FIELD) & 3;
    }

    /**
     * The largest ULPDU that fits into one segment of TCP.
     *
     * @param segment effective maximum segment size of TCP; 0 if not known
     */
    static int ulpdu(int segment) {
        int known = segment > 0 ? segment : USUAL_SEGMENT;
        return Math.min(MOST_ULPDU, Math.max(LEAST_ULPDU, known - (6 + known % 4)));
    }

    /** Adds bytes of a buffer that no other thread uses at the same time. */
    static void update(CRC32C crc, ByteBuf buffer, int index, int length) {
        if (length == 0) {
            return;
        }
        if (buffer.nioBufferCount() == 1) {
            crc.update(buffer.internalNioBuffer(index, length));
            return;
        }
        for (ByteBuffer part : buffer.nioBuffers(index, length)) {
            crc.update(part);
        }
    }
}
