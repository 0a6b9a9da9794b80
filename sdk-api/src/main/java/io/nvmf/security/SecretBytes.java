package io.nvmf.security;

import java.util.Arrays;
import java.util.function.Function;

/** The bytes of a secret until they are wiped. Any thread. */
final class SecretBytes {

    private final byte[] bytes;
    private boolean wiped;

    /**
     * Takes the bytes over.
     *
     * @param bytes nobody else's from now on
     */
    SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] copy() {
        return with(byte[]::clone);
    }

    /**
     * Does something with the bytes, which cannot be wiped meanwhile.
     *
     * @param use neither changes nor keeps them
     */
    synchronized <T> T with(Function<byte[], T> use) {
        if (wiped) {
            throw new IllegalStateException("it has been wiped");
        }
        return use.apply(bytes);
    }

    synchronized void wipe() {
        wiped = true;
        Arrays.fill(bytes, (byte) 0);
    }

    synchronized boolean isWiped() {
        return wiped;
    }
}
