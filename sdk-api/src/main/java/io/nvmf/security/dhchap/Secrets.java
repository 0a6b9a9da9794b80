package io.nvmf.security.dhchap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whatever a transaction has that must not outlive it. */
final class Secrets {
    private final List<byte[]> kept = new ArrayList<>();

    byte[] keep(byte[] secret) {
        kept.add(secret);
        return secret;
    }

    void wipe() {
        kept.forEach(secret -> Arrays.fill(secret, (byte) 0));
    }

    List<byte[]> kept() {
        return kept;
    }
}
