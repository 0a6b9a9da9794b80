package io.nvmf.security;

/**
 * The hash functions of pre-shared keys (NVMe/TCP Transport Specification 1.1, "PSK interchange format" and "PSK
 * identity"). Each goes with one TLS cipher suite.
 */
public enum PskHash {
    /** SHA-256, with TLS_AES_128_GCM_SHA256. */
    SHA_256(1, 32, "HmacSHA256"),
    /** SHA-384, with TLS_AES_256_GCM_SHA384. */
    SHA_384(2, 48, "HmacSHA384");

    private final int identifier;
    private final int length;
    private final String macAlgorithm;

    PskHash(int identifier, int length, String macAlgorithm) {
        this.identifier = identifier;
        this.length = length;
        this.macAlgorithm = macAlgorithm;
    }

    /**
     * The hash function identifier as in interchange format and identities, where it has two digits.
     *
     * @return 1 or 2
     */
    public int identifier() {
        return identifier;
    }

    /**
     * The length of its output, which is that of every key that goes with it.
     *
     * @return 32 or 48 bytes
     */
    public int length() {
        return length;
    }

    /**
     * The name of its HMAC in the Java Cryptography Architecture.
     *
     * @return for {@link javax.crypto.Mac#getInstance(String)}
     */
    public String macAlgorithm() {
        return macAlgorithm;
    }

    /**
     * The hash whose keys have a length.
     *
     * @param length in bytes
     * @return the hash
     * @throws IllegalArgumentException if keys of this length go with none
     */
    public static PskHash ofLength(int length) {
        for (PskHash hash : values()) {
            if (hash.length == length) {
                return hash;
            }
        }
        throw new IllegalArgumentException("a key has 32 or 48 bytes, not " + length);
    }
}
