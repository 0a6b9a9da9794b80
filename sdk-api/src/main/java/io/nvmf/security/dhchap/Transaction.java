package io.nvmf.security.dhchap;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.SpecificationViolationException;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapHash;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What host and controller have in common: how a transaction ends, and what is left of it then. Not thread safe. */
abstract sealed class Transaction implements AutoCloseable permits HostTransaction, ControllerTransaction {
    final DhChapParameters parameters;
    final Freshness freshness;
    final Secrets secrets = new Secrets();

    private TransactionState state = TransactionState.RUNNING;
    private @Nullable TransactionFailure failure;
    private byte @Nullable [] generatedPsk;

    Transaction(DhChapParameters parameters, Freshness freshness) {
        this.parameters = parameters;
        this.freshness = freshness;
    }

    /** {@return where the transaction is} */
    public final TransactionState state() {
        return state;
    }

    /** {@return how it failed, empty unless it did} */
    public final Optional<TransactionFailure> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Hands over the pre-shared key that the transaction has made.
     *
     * @return the key, which belongs to the caller then; empty the next time, and unless the transaction is
     *     authenticated and was to be followed by a secure channel
     */
    public final Optional<byte[]> takeGeneratedPsk() {
        if (state != TransactionState.AUTHENTICATED || generatedPsk == null) {
            return Optional.empty();
        }
        byte[] taken = generatedPsk;
        generatedPsk = null;
        return Optional.of(taken);
    }

    /** Overwrites whatever is secret, the pre-shared key too unless it was taken; a transaction that runs has failed then. */
    @Override
    public final void close() {
        if (state == TransactionState.RUNNING) {
            fail(new TransactionFailure(
                    AuthFailure.REASON,
                    AuthenticationFailure.AUTHENTICATION_FAILED.explanation(),
                    false,
                    "the transaction was given up"));
        }
        wipeGeneratedPsk();
    }

    final void generated(byte[] psk) {
        generatedPsk = psk;
    }

    final void authenticated() {
        state = TransactionState.AUTHENTICATED;
        secrets.wipe();
    }

    final void fail(TransactionFailure how) {
        state = TransactionState.FAILED;
        failure = how;
        secrets.wipe();
        wipeGeneratedPsk();
    }

    private void wipeGeneratedPsk() {
        if (generatedPsk != null) {
            Arrays.fill(generatedPsk, (byte) 0);
            generatedPsk = null;
        }
    }

    /** What is computed in this transaction once the hash function is agreed. */
    final DhChap math(DhChapHash hash, int transactionId) {
        return new DhChap(
                hash,
                transactionId,
                parameters.secureChannel().value(),
                parameters.hostNqn(),
                parameters.subsystemNqn());
    }

    /** Reads a message of this transaction; whoever calls looks at its type. */
    final AuthenticationMessage read(ByteBuf buffer, int index, int length, boolean padded) throws Refusal {
        try {
            return padded
                    ? AuthenticationMessage.decodePadded(buffer, index, length)
                    : AuthenticationMessage.decode(buffer, index, length);
        } catch (SpecificationViolationException e) {
            throw new Refusal(AuthenticationFailure.INCORRECT_PAYLOAD, String.valueOf(e.getMessage()));
        }
    }

    static void requireTransactionId(AuthenticationMessage message, int expected) throws Refusal {
        Refusal.unless(
                message.transactionId() == expected,
                AuthenticationFailure.INCORRECT_PAYLOAD,
                "T_ID is " + message.transactionId() + ", that of the transaction is " + expected);
    }

    static Refusal unexpected(AuthenticationMessage message, String expected) {
        return new Refusal(
                AuthenticationFailure.INCORRECT_MESSAGE,
                "received " + message.getClass().getSimpleName() + " where " + expected + " was expected");
    }

    static void requireHashLength(int length, DhChap math) throws Refusal {
        Refusal.unless(
                length == math.hash().length(),
                AuthenticationFailure.INCORRECT_PAYLOAD,
                "HL is " + length + ", " + math.hash() + " has " + math.hash().length());
    }
}
