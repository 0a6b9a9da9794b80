package io.nvmf.security;

import java.util.Arrays;

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

    synchronized byte[] copy() {
        if (wiped) {
            throw new IllegalStateException("it has been wiped");
        }
        return bytes.clone();
    }

    synchronized void wipe() {
        wiped = true;
        Arrays.fill(bytes, (byte) 0);
    }

    synchronized boolean isWiped() {
        return wiped;
    }
}
