package io.nvmf.security.dhchap;

import io.nvmf.spec.auth.AuthenticationFailure;

/** A message that cannot be taken, and the failure that answers it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final AuthenticationFailure failure;

    Refusal(AuthenticationFailure failure, String detail) {
        super(detail, null, false, false);
        this.failure = failure;
    }

    AuthenticationFailure failure() {
        return failure;
    }

    String detail() {
        String message = getMessage();
        return message == null ? failure.text() : message;
    }

    /** Fails unless what a message has to have is so. */
    static void unless(boolean held, AuthenticationFailure failure, String detail) throws Refusal {
        if (!held) {
            throw new Refusal(failure, detail);
        }
    }
}
