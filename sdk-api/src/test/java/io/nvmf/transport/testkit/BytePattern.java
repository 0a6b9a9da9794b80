package io.nvmf.transport.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/** Bytes that tell from where in which pattern they come, so that swapped, shifted or stale data shows. */
public final class BytePattern {

    private static final int MULTIPLIER = 0x9E3779B1;

    /** What a destination holds before anything arrives. */
    public static final byte UNTOUCHED = (byte) 0xEE;

    private BytePattern() {}

    /** The byte of pattern {@code seed} at {@code position}. */
    public static byte at(int seed, long position) {
        int mixed = (int) (position ^ (position >>> 32) ^ seed * 31L) * MULTIPLIER;
        return (byte) (mixed >>> 24 ^ mixed >>> 13);
    }

    /** A new buffer with the first {@code length} bytes of a pattern; the caller owns it. */
    public static ByteBuf buffer(ByteBufAllocator allocator, int seed, int length) {
        return range(allocator, seed, 0, length);
    }

    /** A new buffer with a range of a pattern; the caller owns it. */
    public static ByteBuf range(ByteBufAllocator allocator, int seed, long from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(seed, from + i);
        }
        return allocator.buffer(Math.max(1, length)).writeBytes(bytes);
    }

    /** Fails unless {@code length} bytes at {@code index} are the pattern from {@code from} on. */
    public static void verify(ByteBuf buffer, int index, int length, int seed, long from) {
        // One access: the leak detector writes down each.
        byte[] actual = new byte[length];
        buffer.getBytes(index, actual);
        for (int i = 0; i < length; i++) {
            byte expected = at(seed, from + i);
            if (actual[i] != expected) {
                throw new AssertionError(
                        "byte " + (from + i) + " of pattern " + seed + " is " + actual[i] + " instead of " + expected);
            }
        }
    }

    /** A buffer of exactly {@code length} writable bytes, all {@link #UNTOUCHED}; the caller owns it. */
    public static ByteBuf destination(ByteBufAllocator allocator, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, UNTOUCHED);
        ByteBuf buffer = allocator.buffer(length, length);
        buffer.setBytes(0, bytes);
        return buffer;
    }

    /** Fails unless {@code length} bytes at {@code index} are as {@link #destination} made them. */
    public static void verifyUntouched(ByteBuf buffer, int index, int length) {
        byte[] actual = new byte[length];
        buffer.getBytes(index, actual);
        for (int i = 0; i < length; i++) {
            if (actual[i] != UNTOUCHED) {
                throw new AssertionError("byte " + (index + i) + " has been written: " + actual[i]);
            }
        }
    }
}
