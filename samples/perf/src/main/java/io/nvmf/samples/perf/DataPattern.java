package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Data that says where it belongs: each 8 bytes are a function of their offset in the namespace. */
final class DataPattern {

    private DataPattern() {}

    /** A new buffer with the data for a range; offset and length are multiples of 8. */
    static ByteBuf at(long offset, int length) {
        ByteBuf data = ByteBufAllocator.DEFAULT.directBuffer(length, length);
        // Not through the buffer's own methods, each of which a leak detector may write down.
        ByteBuffer bytes = data.nioBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i += Long.BYTES) {
            bytes.putLong(i, word(offset + i));
        }
        return data.writerIndex(length);
    }

    /**
     * Compares data with what belongs there.
     *
     * @throws DamagedDataException if it differs
     */
    static void check(ByteBuf data, long offset) {
        ByteBuffer bytes = data.nioBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.remaining();
        for (int i = 0; i < length; i += Long.BYTES) {
            long found = bytes.getLong(i);
            if (found != word(offset + i)) {
                throw new DamagedDataException(String.format(
                        "the data at byte %d is %016x instead of %016x", offset + i, found, word(offset + i)));
            }
        }
    }

    private static long word(long offset) {
        long mixed = (offset + 1) * 0x9E37_79B9_7F4A_7C15L;
        return mixed ^ mixed >>> 29;
    }
}
