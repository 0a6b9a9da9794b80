package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Bounds of buffers and the two text encodings that all structures share. */
final class Wire {
    private Wire() {}

    /** Fails unless {@code length} written bytes follow {@code index}. */
    static void requireReadable(ByteBuf buffer, int index, long length, String structure) {
        long available = (long) buffer.writerIndex() - index;
        if (index < 0 || available < length) {
            throw new SpecificationViolationException(
                    structure, Math.max(available, 0), 0, "needs " + length + " bytes");
        }
    }

    /** Fails unless {@code length} bytes of capacity follow {@code index}. */
    static void requireCapacity(ByteBuf buffer, int index, int length) {
        if (index < 0 || index > buffer.capacity() - length) {
            throw new IndexOutOfBoundsException(
                    length + " bytes at index " + index + " exceed the capacity of " + buffer.capacity());
        }
    }

    /** ASCII of a fixed field without the NULs and spaces that pad it; some peers pad with one, some with the other. */
    static String trimmedAscii(ByteBuf buffer, int index, int length) {
        int end = terminatorOrEnd(buffer, index, length);
        while (end > index && buffer.getByte(end - 1) == ' ') {
            end--;
        }
        int start = index;
        while (start < end && buffer.getByte(start) == ' ') {
            start++;
        }
        return buffer.toString(start, end - start, StandardCharsets.US_ASCII);
    }

    /** Writes ASCII, padded to the length of the field. */
    static void putPadded(ByteBuf buffer, int index, int length, String text, int padding) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > length) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has " + bytes.length + " bytes, the field holds " + length);
        }
        buffer.setBytes(index, bytes);
        for (int i = index + bytes.length; i < index + length; i++) {
            buffer.setByte(i, padding);
        }
    }

    /** True if a NUL ends the text inside the field. */
    static boolean isTerminated(ByteBuf buffer, int index, int length) {
        return terminatorOrEnd(buffer, index, length) < index + length;
    }

    /** Text up to its NUL, or the whole field where there is none. */
    static String terminatedText(ByteBuf buffer, int index, int length) {
        int end = terminatorOrEnd(buffer, index, length);
        return buffer.toString(index, end - index, StandardCharsets.UTF_8);
    }

    private static int terminatorOrEnd(ByteBuf buffer, int index, int length) {
        int nul = buffer.indexOf(index, index + length, (byte) 0);
        return nul < 0 ? index + length : nul;
    }

    static int bits(int word, int shift, int width) {
        return word >>> shift & (1 << width) - 1;
    }

    static int bits(long word, int shift, int width) {
        return (int) (word >>> shift & (1L << width) - 1);
    }
}
