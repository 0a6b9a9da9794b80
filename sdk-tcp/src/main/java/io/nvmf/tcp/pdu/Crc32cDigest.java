package io.nvmf.tcp.pdu;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The digest of headers and of data (NVMe/TCP Transport Specification, "PDU Header Digest" and "PDU Data Digest"):
 * CRC-32C, computed over the NIO view of a buffer, so that no byte is copied. Not thread safe.
 */
public final class Crc32cDigest {

    /** Bytes of a digest. It is stored little-endian. */
    public static final int LENGTH = 4;

    private final CRC32C crc = new CRC32C();

    /** Creates a digest of nothing. */
    public Crc32cDigest() {}

    /** Forgets everything and starts again. */
    public void reset() {
        crc.reset();
    }

    /**
     * Adds bytes.
     *
     * @param buffer holds the bytes; its indexes stay as they are
     * @param index first byte
     * @param length number of bytes, 0 or more
     */
    public void update(ByteBuf buffer, int index, int length) {
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

    /**
     * The digest of everything added since the last reset.
     *
     * @return the value, as it is stored in little-endian order
     */
    public int value() {
        return (int) crc.getValue();
    }

    /**
     * The digest of these bytes alone.
     *
     * @param buffer holds the bytes; its indexes stay as they are
     * @param index first byte
     * @param length number of bytes, 0 or more
     * @return the value, as it is stored in little-endian order
     */
    public int of(ByteBuf buffer, int index, int length) {
        reset();
        update(buffer, index, length);
        return value();
    }
}
