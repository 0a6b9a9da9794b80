package io.nvmf.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.ObjIntConsumer;

/** Bytes written by hand: zeroes with hexadecimal digits placed at offsets. */
final class Bytes {
    /** Where the tests put a structure in its buffer, so that a forgotten index shows. */
    static final int INDEX = 7;

    private static final int GUARD = 9;
    private static final byte STALE = (byte) 0xEE;

    private final byte[] bytes;

    private Bytes(int length) {
        bytes = new byte[length];
    }

    static Bytes zeroes(int length) {
        return new Bytes(length);
    }

    /** Places hexadecimal digits; spaces between bytes are fine. */
    Bytes at(int offset, String hex) {
        byte[] part = HexFormat.of().parseHex(hex.replace(" ", ""));
        System.arraycopy(part, 0, bytes, offset, part.length);
        return this;
    }

    Bytes fill(int offset, int length, int value) {
        Arrays.fill(bytes, offset, offset + length, (byte) value);
        return this;
    }

    Bytes ascii(int offset, String text) {
        for (int i = 0; i < text.length(); i++) {
            bytes[offset + i] = (byte) text.charAt(i);
        }
        return this;
    }

    /** The bytes at {@link #INDEX} of a buffer that ends with them. */
    ByteBuf buffer() {
        ByteBuf buffer = Unpooled.buffer(INDEX + bytes.length, INDEX + bytes.length);
        return buffer.writeZero(INDEX).writeBytes(bytes);
    }

    /** Encodes over stale bytes and compares; fails too if anything around the structure was touched. */
    void assertEncodedBy(ObjIntConsumer<ByteBuf> encoder) {
        ByteBuf buffer = Unpooled.buffer(INDEX + bytes.length + GUARD);
        while (buffer.isWritable()) {
            buffer.writeByte(STALE);
        }
        encoder.accept(buffer, INDEX);
        assertThat(ByteBufUtil.hexDump(buffer, INDEX, bytes.length))
                .isEqualTo(HexFormat.of().formatHex(bytes));
        byte[] before = new byte[INDEX];
        byte[] after = new byte[GUARD];
        buffer.getBytes(0, before).getBytes(INDEX + bytes.length, after);
        assertThat(before).containsOnly(STALE);
        assertThat(after).containsOnly(STALE);
    }

    /** A zeroed buffer to set fields in, and its content as digits. */
    static ByteBuf blank(int length) {
        return Bytes.zeroes(length).buffer();
    }

    static String digits(ByteBuf buffer, int offset, int length) {
        return ByteBufUtil.hexDump(buffer, INDEX + offset, length);
    }
}
