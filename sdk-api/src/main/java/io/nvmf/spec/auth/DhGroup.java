package io.nvmf.spec.auth;

import java.util.Optional;

/** Diffie-Hellman groups of DH-HMAC-CHAP (NVMe Base Specification, "DH-HMAC-CHAP Diffie-Hellman group identifiers"). */
public enum DhGroup {
    /** No Diffie-Hellman exchange. */
    NULL(0, 0),
    /** 2048-bit group of RFC 7919. */
    FFDHE2048(1, 256),
    /** 3072-bit group of RFC 7919. */
    FFDHE3072(2, 384),
    /** 4096-bit group of RFC 7919. */
    FFDHE4096(3, 512),
    /** 6144-bit group of RFC 7919. */
    FFDHE6144(4, 768),
    /** 8192-bit group of RFC 7919. */
    FFDHE8192(5, 1024);

    private final int value;
    private final int length;

    DhGroup(int value, int length) {
        this.value = value;
        this.length = length;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<DhGroup> find(int value) {
        for (DhGroup constant : values()) {
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

    /** {@return DHVLEN, the bytes of the modulus and of a public value; 0 for {@link #NULL}} */
    public int length() {
        return length;
    }
}
