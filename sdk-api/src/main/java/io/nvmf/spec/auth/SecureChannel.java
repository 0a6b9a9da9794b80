package io.nvmf.spec.auth;

import java.util.Optional;

/** Secure channel codes (SC_C) of AUTH_Negotiate (NVMe Base Specification, "AUTH_Negotiate message"). */
public enum SecureChannel {
    /** No secure channel follows from the authentication. */
    NONE(0),
    /** A secure channel follows, of a kind that is not said. */
    UNSPECIFIED(1),
    /** The transaction makes a pre-shared key for TLS. */
    NEW_TLS_PSK(2),
    /** The transaction makes a pre-shared key for TLS that replaces the one in use. */
    REPLACE_TLS_PSK(3);

    private final int value;

    SecureChannel(int value) {
        this.value = value;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<SecureChannel> find(int value) {
        for (SecureChannel constant : values()) {
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
}
