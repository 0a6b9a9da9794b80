package io.nvmf.security.dhchap;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapChallenge;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhChapReply;
import io.nvmf.spec.auth.DhChapSuccess1;
import io.nvmf.spec.auth.DhChapSuccess2;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A transaction as the host sees it. It begins with {@link #begin}; each message of the controller goes into
 * {@link #receive}, and what comes out has to be sent. As long as the state is running another one has to be received.
 */
public final class HostTransaction extends Transaction {
    private final int transactionId;

    private Octets ownChallenge = Octets.empty();
    private long ownSequenceNumber;
    private byte @Nullable [] sessionKey;
    private @Nullable DhChap math;

    /**
     * Creates a transaction.
     *
     * @param parameters what it has to know
     * @param freshness that of the host
     */
    public HostTransaction(DhChapParameters parameters, Freshness freshness) {
        super(parameters, freshness);
        transactionId = freshness.transactionId();
    }

    /** {@return the first message to send} */
    public AuthNegotiate begin() {
        return new AuthNegotiate(
                transactionId,
                parameters.secureChannel().value(),
                List.of(new AuthNegotiate.Protocol(
                        AuthNegotiate.DH_HMAC_CHAP,
                        parameters.algorithms().hashes().stream()
                                .map(DhChapHash::value)
                                .toList(),
                        parameters.groups().stream().map(DhGroup::value).toList())));
    }

    /**
     * Takes what Authentication Receive has brought.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @param length bytes of the data
     * @return what to send, also where the state is no longer running; empty if there is nothing left to send
     */
    public Optional<AuthenticationMessage> receive(ByteBuf buffer, int index, int length) {
        if (state() != TransactionState.RUNNING) {
            return Optional.empty();
        }
        try {
            AuthenticationMessage message = read(buffer, index, length, true);
            requireTransactionId(message, transactionId);
            if (message instanceof AuthFailure refused && !refused.fromHost()) {
                fail(TransactionFailure.of(refused));
                return Optional.empty();
            }
            DhChap chosen = math;
            if (chosen == null) {
                if (message instanceof DhChapChallenge challenge) {
                    return Optional.of(reply(challenge));
                }
                throw unexpected(message, "DHCHAP_Challenge");
            }
            if (message instanceof DhChapSuccess1 success) {
                return finish(success, chosen);
            }
            throw unexpected(message, "DHCHAP_Success1");
        } catch (Refusal refusal) {
            fail(TransactionFailure.of(refusal));
            return Optional.of(AuthFailure.ofHost(transactionId, refusal.failure()));
        }
    }

    private DhChapReply reply(DhChapChallenge challenge) throws Refusal {
        DhChapHash hash = DhChapHash.find(challenge.hash())
                .filter(parameters.algorithms().hashes()::contains)
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.HASH_NOT_USABLE, "HashID " + challenge.hash() + " was not offered"));
        DhGroup group = DhGroup.find(challenge.group())
                .filter(parameters.groups()::contains)
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.GROUP_NOT_USABLE, "DHgID " + challenge.group() + " was not offered"));
        Refusal.unless(challenge.sequenceNumber() != 0, AuthenticationFailure.INCORRECT_PAYLOAD, "S1 is 0");
        Refusal.unless(
                !freshness.isOurs(challenge.challenge()),
                AuthenticationFailure.AUTHENTICATION_FAILED,
                "the challenge is one that this host has sent");
        DhChap chosen = math(hash, transactionId);
        Octets publicValue = Octets.empty();
        if (group != DhGroup.NULL) {
            DhKeyPair pair = DhKeyPair.generate(group);
            sessionKey = secrets.keep(pair.sessionKey(hash, challenge.publicValue()));
            publicValue = pair.publicValue();
        }
        boolean challenges = isBidirectional() || parameters.concatenates();
        ownChallenge = challenges ? freshness.challenge(hash.length()) : Octets.zeroes(hash.length());
        // A challenge with number 0 is for the key only: the controller need not answer it.
        ownSequenceNumber = challenges && !isBidirectional() ? 0 : freshness.sequenceNumber();
        if (sessionKey != null && parameters.concatenates()) {
            generated(chosen.generatedPsk(sessionKey, challenge.challenge(), ownChallenge));
        }
        byte[] key = secrets.keep(parameters.hostSecret().transformed(parameters.hostNqn()));
        byte[] response = chosen.hostResponse(key, sessionKey, challenge.challenge(), challenge.sequenceNumber());
        math = chosen;
        return new DhChapReply(
                transactionId, challenges, ownSequenceNumber, Octets.of(response), ownChallenge, publicValue);
    }

    private Optional<AuthenticationMessage> finish(DhChapSuccess1 success, DhChap chosen) throws Refusal {
        requireHashLength(success.response().length(), chosen);
        if (!isBidirectional()) {
            Refusal.unless(
                    !success.responseValid(),
                    AuthenticationFailure.INCORRECT_PAYLOAD,
                    "the controller answers a challenge that it did not get");
            authenticated();
            return Optional.empty();
        }
        Refusal.unless(
                success.responseValid(),
                AuthenticationFailure.AUTHENTICATION_FAILED,
                "the controller has not answered the challenge");
        byte[] key = secrets.keep(parameters.controllerSecret().orElseThrow().transformed(parameters.subsystemNqn()));
        byte[] expected = secrets.keep(chosen.controllerResponse(key, sessionKey, ownChallenge, ownSequenceNumber));
        Refusal.unless(
                MessageDigest.isEqual(expected, success.response().toByteArray()),
                AuthenticationFailure.AUTHENTICATION_FAILED,
                "the controller's response is wrong");
        authenticated();
        return Optional.of(new DhChapSuccess2(transactionId));
    }

    private boolean isBidirectional() {
        return parameters.controllerSecret().isPresent();
    }
}
