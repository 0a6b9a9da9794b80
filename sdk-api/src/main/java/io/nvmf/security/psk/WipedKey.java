package io.nvmf.security.psk;

import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key for HMAC that can be wiped, which those of the JDK cannot. */
final class WipedKey implements SecretKey {

    private static final long serialVersionUID = 1;

    private final transient byte[] bytes;

    /**
     * Takes the bytes over.
     *
     * @param bytes wiped by {@link #destroy()}
     */
    WipedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
        return "RAW";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return bytes.clone();
    }

    @Override
    public void destroy() {
        Arrays.fill(bytes, (byte) 0);
    }
}
