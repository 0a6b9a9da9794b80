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
import org.jspecify.annotations.Nullable;

/**
 * A transaction as the controller sees it. The data of Authentication Send goes into {@link #receive}; Authentication
 * Receive asks {@link #next} for a message. Whatever comes when it should not ends the transaction.
 */
public final class ControllerTransaction extends Transaction {
    private static final int T_ID = 4;

    private enum Step {
        NEGOTIATE,
        CHALLENGE_READY,
        REPLY,
        SUCCESS1_READY,
        SUCCESS2,
        FAILURE1_READY,
        ENDED
    }

    private Step step = Step.NEGOTIATE;
    private int transactionId;
    private @Nullable AuthenticationMessage ready;
    private @Nullable DhChap math;
    private @Nullable DhKeyPair keyPair;
    private @Nullable DhChapChallenge challenge;
    private boolean hostConfirms;

    /**
     * Creates a transaction.
     *
     * @param parameters what it has to know
     * @param freshness that of the controller
     */
    public ControllerTransaction(DhChapParameters parameters, Freshness freshness) {
        super(parameters, freshness);
    }

    /**
     * Takes what Authentication Send has brought.
     *
     * @param buffer holds the data
     * @param index absolute index of the data
     * @param length bytes of the data
     */
    public void receive(ByteBuf buffer, int index, int length) {
        if (state() == TransactionState.FAILED) {
            return;
        }
        try {
            if (step == Step.NEGOTIATE && length > T_ID + 1 && buffer.writerIndex() - (long) index > T_ID + 1) {
                // Even a message that is refused for its length is answered with its identifier.
                transactionId = buffer.getUnsignedShortLE(index + T_ID);
            }
            AuthenticationMessage message = read(buffer, index, length, false);
            requireTransactionId(message, transactionId);
            if (message instanceof AuthFailure refused && refused.fromHost() && step != Step.NEGOTIATE) {
                fail(TransactionFailure.of(refused));
                ready = null;
                keyPair = null;
                step = Step.ENDED;
                return;
            }
            if (step == Step.NEGOTIATE && message instanceof AuthNegotiate negotiate) {
                choose(negotiate);
            } else if (step == Step.REPLY && message instanceof DhChapReply reply) {
                check(reply);
            } else if (step == Step.SUCCESS2 && message instanceof DhChapSuccess2) {
                step = Step.ENDED;
                authenticated();
            } else {
                throw unexpected(message, step.name());
            }
        } catch (Refusal refusal) {
            refuse(refusal);
        }
    }

    /**
     * The message that Authentication Receive asks for. A host that asks when it is its own turn gets AUTH_Failure1.
     *
     * @return the message
     */
    public AuthenticationMessage next() {
        AuthenticationMessage message = ready;
        if (message == null) {
            refuse(new Refusal(
                    AuthenticationFailure.INCORRECT_MESSAGE, "a message was asked for where the host has to send one"));
            message = AuthFailure.ofController(transactionId, AuthenticationFailure.INCORRECT_MESSAGE);
        }
        ready = null;
        switch (step) {
            case CHALLENGE_READY -> step = Step.REPLY;
            case SUCCESS1_READY -> {
                if (hostConfirms) {
                    step = Step.SUCCESS2;
                } else {
                    step = Step.ENDED;
                    authenticated();
                }
            }
            default -> step = Step.ENDED;
        }
        return message;
    }

    private void refuse(Refusal refusal) {
        if (state() != TransactionState.FAILED) {
            fail(TransactionFailure.of(refusal));
        }
        keyPair = null;
        ready = AuthFailure.ofController(transactionId, refusal.failure());
        step = Step.FAILURE1_READY;
    }

    private void choose(AuthNegotiate negotiate) throws Refusal {
        Refusal.unless(
                negotiate.secureChannel() == parameters.secureChannel().value(),
                AuthenticationFailure.SECURE_CHANNEL_MISMATCH,
                "SC_C is " + negotiate.secureChannel() + ", it has to be "
                        + parameters.secureChannel().value());
        AuthNegotiate.Protocol offer = negotiate.protocols().stream()
                .filter(protocol -> protocol.protocol() == AuthNegotiate.DH_HMAC_CHAP)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.PROTOCOL_NOT_USABLE, "DH-HMAC-CHAP is not among the protocols"));
        DhChapHash hash = parameters.algorithms().hashes().stream()
                .filter(allowed -> offer.hashes().contains(allowed.value()))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.HASH_NOT_USABLE, "none of the hashes " + offer.hashes() + " is allowed"));
        DhGroup group = parameters.groups().stream()
                .filter(allowed -> offer.groups().contains(allowed.value()))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.GROUP_NOT_USABLE,
                        "none of the groups " + offer.groups() + " is allowed"));
        math = math(hash, transactionId);
        Octets publicValue = Octets.empty();
        if (group != DhGroup.NULL) {
            keyPair = DhKeyPair.generate(group);
            publicValue = keyPair.publicValue();
        }
        challenge = new DhChapChallenge(
                transactionId,
                hash.value(),
                group.value(),
                freshness.sequenceNumber(),
                freshness.challenge(hash.length()),
                publicValue);
        ready = challenge;
        step = Step.CHALLENGE_READY;
    }

    private void check(DhChapReply reply) throws Refusal {
        DhChap chosen = math;
        DhChapChallenge sent = challenge;
        if (chosen == null || sent == null) {
            throw new IllegalStateException("a reply is expected after a challenge only");
        }
        requireHashLength(reply.response().length(), chosen);
        byte[] sessionKey = sessionKey(chosen, reply);
        byte[] key = secrets.keep(parameters.hostSecret().transformed(parameters.hostNqn()));
        byte[] expected = secrets.keep(chosen.hostResponse(key, sessionKey, sent.challenge(), sent.sequenceNumber()));
        Refusal.unless(
                MessageDigest.isEqual(expected, reply.response().toByteArray()),
                AuthenticationFailure.AUTHENTICATION_FAILED,
                "the host's response is wrong");
        ready = answer(chosen, reply, sessionKey);
        if (sessionKey != null && parameters.concatenates()) {
            generated(chosen.generatedPsk(sessionKey, sent.challenge(), reply.challenge()));
        }
        keyPair = null;
        step = Step.SUCCESS1_READY;
    }

    private byte @Nullable [] sessionKey(DhChap chosen, DhChapReply reply) throws Refusal {
        DhKeyPair pair = keyPair;
        if (pair == null) {
            Refusal.unless(
                    reply.publicValue().length() == 0,
                    AuthenticationFailure.INCORRECT_PAYLOAD,
                    "DHVLEN is " + reply.publicValue().length() + ", the NULL group has no public values");
            return null;
        }
        return secrets.keep(pair.sessionKey(chosen.hash(), reply.publicValue()));
    }

    private DhChapSuccess1 answer(DhChap chosen, DhChapReply reply, byte @Nullable [] sessionKey) throws Refusal {
        if (!reply.challengeValid()) {
            Refusal.unless(
                    !parameters.concatenates(),
                    AuthenticationFailure.INCORRECT_PAYLOAD,
                    "a secure channel needs a challenge of the host");
            return silent(chosen);
        }
        Refusal.unless(
                !freshness.isOurs(reply.challenge()),
                AuthenticationFailure.AUTHENTICATION_FAILED,
                "the challenge is one that this controller has sent");
        if (reply.sequenceNumber() == 0) {
            Refusal.unless(parameters.concatenates(), AuthenticationFailure.INCORRECT_PAYLOAD, "S2 is 0");
            return silent(chosen);
        }
        byte[] key = secrets.keep(parameters
                .controllerSecret()
                .orElseThrow(() -> new Refusal(
                        AuthenticationFailure.AUTHENTICATION_FAILED,
                        "the controller has no secret to prove itself with"))
                .transformed(parameters.subsystemNqn()));
        hostConfirms = true;
        return new DhChapSuccess1(
                transactionId,
                true,
                Octets.of(chosen.controllerResponse(key, sessionKey, reply.challenge(), reply.sequenceNumber())));
    }

    private DhChapSuccess1 silent(DhChap chosen) {
        return new DhChapSuccess1(
                transactionId, false, Octets.zeroes(chosen.hash().length()));
    }
}
