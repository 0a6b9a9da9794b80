package io.nvmf.spec.auth;

import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a message that are no number: challenges, responses and public values. Immutable; {@link #toString} tells
 * the length only, and two are compared in a time that depends on the length only.
 */
public final class Octets {
    private static final Octets EMPTY = new Octets(new byte[0]);

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes a copy.
     *
     * @param bytes what to copy
     * @return the octets
     */
    public static Octets of(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /** {@return no octets} */
    public static Octets empty() {
        return EMPTY;
    }

    /**
     * Octets that are all 0.
     *
     * @param length how many, not negative
     * @return the octets
     */
    public static Octets zeroes(int length) {
        return new Octets(new byte[length]);
    }

    static Octets read(ByteBuf buffer, int index, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(index, bytes);
        return new Octets(bytes);
    }

    void write(ByteBuf buffer, int index) {
        buffer.setBytes(index, bytes);
    }

    /** {@return how many there are} */
    public int length() {
        return bytes.length;
    }

    /** {@return a copy that belongs to the caller} */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Octets octets && MessageDigest.isEqual(bytes, octets.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " octets";
    }
}
