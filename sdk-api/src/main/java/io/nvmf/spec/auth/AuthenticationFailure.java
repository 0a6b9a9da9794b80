package io.nvmf.spec.auth;

import java.util.Optional;

/** Why an authentication failed: reason code explanations (NVMe Base Specification, "AUTH_Failure reason codes"). */
public enum AuthenticationFailure {
    /** The other side did not prove who it is. */
    AUTHENTICATION_FAILED(1, "authentication failed"),
    /** None of the protocols offered can be used. */
    PROTOCOL_NOT_USABLE(2, "authentication protocol not usable"),
    /** The two sides do not agree on a secure channel. */
    SECURE_CHANNEL_MISMATCH(3, "secure channel concatenation mismatch"),
    /** None of the hash functions offered can be used. */
    HASH_NOT_USABLE(4, "hash function not usable"),
    /** None of the Diffie-Hellman groups offered can be used. */
    GROUP_NOT_USABLE(5, "Diffie-Hellman group not usable"),
    /** A message has contents that are not allowed. */
    INCORRECT_PAYLOAD(6, "incorrect payload"),
    /** A message came where another was expected. */
    INCORRECT_MESSAGE(7, "incorrect protocol message");

    private final int explanation;
    private final String text;

    AuthenticationFailure(int explanation, String text) {
        this.explanation = explanation;
        this.text = text;
    }

    /**
     * Looks a reason code explanation up.
     *
     * @param explanation RCE on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<AuthenticationFailure> find(int explanation) {
        for (AuthenticationFailure constant : values()) {
            if (constant.explanation == explanation) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    /** {@return RCE on the wire} */
    public int explanation() {
        return explanation;
    }

    /** {@return the specification's words} */
    public String text() {
        return text;
    }
}
