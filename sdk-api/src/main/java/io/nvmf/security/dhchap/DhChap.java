package io.nvmf.security.dhchap;

import io.nvmf.security.mac.Hmac;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.Octets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is computed in a transaction (NVMe Base Specification, "DH-HMAC-CHAP protocol").
 *
 * @param hash hash function of the transaction
 * @param transactionId T_ID
 * @param secureChannel SC_C as on the wire
 * @param hostNqn name of the host
 * @param subsystemNqn name of the subsystem
 */
record DhChap(DhChapHash hash, int transactionId, int secureChannel, String hostNqn, String subsystemNqn) {
    private static final byte[] NUL = {0};

    /** R1, the host's proof; {@code sessionKey} is null for the NULL group. */
    byte[] hostResponse(byte[] key, byte @Nullable [] sessionKey, Octets challenge, long sequenceNumber) {
        return response(key, sessionKey, challenge, sequenceNumber, "HostHost", hostNqn, subsystemNqn);
    }

    /** R2, the controller's proof; {@code sessionKey} is null for the NULL group. */
    byte[] controllerResponse(byte[] key, byte @Nullable [] sessionKey, Octets challenge, long sequenceNumber) {
        return response(key, sessionKey, challenge, sequenceNumber, "Controller", subsystemNqn, hostNqn);
    }

    /** The pre-shared key that both sides have then. */
    byte[] generatedPsk(byte[] sessionKey, Octets hostsToAnswer, Octets controllersToAnswer) {
        return Hmac.of(hash.macAlgorithm(), sessionKey, hostsToAnswer.toByteArray(), controllersToAnswer.toByteArray());
    }

    /** Ca, which no one can compute who has not taken part in the exchange. */
    byte[] augmented(byte @Nullable [] sessionKey, Octets challenge) {
        byte[] bytes = challenge.toByteArray();
        return sessionKey == null ? bytes : Hmac.of(hash.macAlgorithm(), sessionKey, bytes);
    }

    private byte[] response(
            byte[] key,
            byte @Nullable [] sessionKey,
            Octets challenge,
            long sequenceNumber,
            String role,
            String from,
            String to) {
        byte[] numbers = ByteBuffer.allocate(7)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt((int) sequenceNumber)
                .putShort((short) transactionId)
                .put((byte) secureChannel)
                .array();
        byte[] augmented = augmented(sessionKey, challenge);
        try {
            return Hmac.of(
                    hash.macAlgorithm(),
                    key,
                    augmented,
                    numbers,
                    role.getBytes(StandardCharsets.US_ASCII),
                    from.getBytes(StandardCharsets.UTF_8),
                    NUL,
                    to.getBytes(StandardCharsets.UTF_8));
        } finally {
            Arrays.fill(augmented, (byte) 0);
        }
    }
}
