package io.nvmf.security.dhchap;

import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthenticationFailure;

/**
 * How a transaction failed.
 *
 * @param reason RC, 0..255
 * @param explanation RCE, one of {@link AuthenticationFailure} or, from the other side, another number, 0..255
 * @param fromPeer whether it is the other side that ended the transaction
 * @param detail what was wrong, with nothing secret
 */
public record TransactionFailure(int reason, int explanation, boolean fromPeer, String detail) {
    static TransactionFailure of(Refusal refusal) {
        return new TransactionFailure(AuthFailure.REASON, refusal.failure().explanation(), false, refusal.detail());
    }

    static TransactionFailure of(AuthFailure message) {
        return new TransactionFailure(
                message.reason(),
                message.explanation(),
                true,
                message.failure().map(AuthenticationFailure::text).orElse("a reason without a name"));
    }
}
