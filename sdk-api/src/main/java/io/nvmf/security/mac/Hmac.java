package io.nvmf.security.mac;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** HMAC of bytes in several parts. */
public final class Hmac {
    private Hmac() {}

    /**
     * Computes an HMAC.
     *
     * @param algorithm name of the Java Cryptography Architecture, such as {@code HmacSHA256}
     * @param key the key, not empty; stays the caller's and is not kept
     * @param parts what to authenticate, one after the other
     * @return the code; belongs to the caller
     */
    public static byte[] of(String algorithm, byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new Key(algorithm, key));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }

    /** Unlike {@code SecretKeySpec}, which cannot be wiped, it has no copy of its own. */
    private static final class Key implements SecretKey {
        private static final long serialVersionUID = 1L;

        private final String algorithm;
        private final transient byte[] bytes;

        private Key(String algorithm, byte[] bytes) {
            this.algorithm = algorithm;
            this.bytes = bytes;
        }

        @Override
        public String getAlgorithm() {
            return algorithm;
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }
    }
}
