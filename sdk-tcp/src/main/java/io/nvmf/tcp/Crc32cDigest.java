package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The digest of headers and data (NVMe/TCP section 3.3.1.1): CRC-32C, computed over the NIO view of a buffer so that no byte
 * is copied.
 */
final class Crc32cDigest {

    private final CRC32C crc = new CRC32C();

    void reset() {
        crc.reset();
    }

    void update(ByteBuf buffer, int index, int length) {
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

    /** The digest as it is stored, little-endian. */
    int value() {
        return (int) crc.getValue();
    }

    int of(ByteBuf buffer, int index, int length) {
        reset();
        update(buffer, index, length);
        return value();
    }
}
