package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Data that says where it belongs: each 8 bytes are a function of their offset in the namespace. */
final class DataPattern {

    private DataPattern() {}

    /** A new buffer with the data for a range; offset and length are multiples of 8. */
    static ByteBuf at(long offset, int length) {
        ByteBuf data = ByteBufAllocator.DEFAULT.directBuffer(length, length);
        for (int i = 0; i < length; i += Long.BYTES) {
            data.writeLongLE(word(offset + i));
        }
        return data;
    }

    /**
     * Compares data with what belongs there.
     *
     * @throws DamagedDataException if it differs
     */
    static void check(ByteBuf data, long offset) {
        int start = data.readerIndex();
        int length = data.readableBytes();
        for (int i = 0; i < length; i += Long.BYTES) {
            long found = data.getLongLE(start + i);
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
