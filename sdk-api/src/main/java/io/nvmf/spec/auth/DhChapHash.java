package io.nvmf.spec.auth;

import java.util.Optional;

/** Hash functions of DH-HMAC-CHAP (NVMe Base Specification, "DH-HMAC-CHAP hash function identifiers"). */
public enum DhChapHash {
    /** SHA-256. */
    SHA_256(1, 32, "SHA-256", "HmacSHA256"),
    /** SHA-384. */
    SHA_384(2, 48, "SHA-384", "HmacSHA384"),
    /** SHA-512. */
    SHA_512(3, 64, "SHA-512", "HmacSHA512");

    private final int value;
    private final int length;
    private final String digest;
    private final String mac;

    DhChapHash(int value, int length, String digest, String mac) {
        this.value = value;
        this.length = length;
        this.digest = digest;
        this.mac = mac;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<DhChapHash> find(int value) {
        for (DhChapHash constant : values()) {
            if (constant.value == value) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    /** {@return the value on the wire} */
    public int value() {
        return value;
    }

    /** {@return HL, the bytes of a digest} */
    public int length() {
        return length;
    }

    /** {@return the name that the Java Cryptography Architecture has for the digest} */
    public String digestAlgorithm() {
        return digest;
    }

    /** {@return the name that the Java Cryptography Architecture has for HMAC with the digest} */
    public String macAlgorithm() {
        return mac;
    }
}
