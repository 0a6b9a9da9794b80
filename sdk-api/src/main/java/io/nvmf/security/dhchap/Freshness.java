package io.nvmf.security.dhchap;

import io.nvmf.spec.auth.Octets;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What no two transactions of a host, or of a controller, may have in common; one for all queues. Safe for use by
 * several threads.
 */
public final class Freshness {
    /** How many of our own challenges are remembered: more than are open at any time. */
    static final int REMEMBERED = 1024;

    private final SecureRandom random = new SecureRandom();
    private final Set<Octets> challenges = new LinkedHashSet<>();
    private int sequenceNumber = random.nextInt();
    private int transactionId = random.nextInt();

    /** Starts where nobody can tell. */
    public Freshness() {}

    Freshness(int lastSequenceNumber) {
        sequenceNumber = lastSequenceNumber;
    }

    /** {@return a sequence number that was not used yet, 1..2^32-1} */
    synchronized long sequenceNumber() {
        if (++sequenceNumber == 0) {
            sequenceNumber = 1;
        }
        return Integer.toUnsignedLong(sequenceNumber);
    }

    /** {@return the next transaction identifier, 0..65535} */
    synchronized int transactionId() {
        return ++transactionId & 0xFFFF;
    }

    /** {@return a new challenge, which is remembered} */
    synchronized Octets challenge(int length) {
        byte[] bytes = new byte[length];
        Octets challenge;
        do {
            random.nextBytes(bytes);
            challenge = Octets.of(bytes);
        } while (!challenges.add(challenge));
        if (challenges.size() > REMEMBERED) {
            Iterator<Octets> oldest = challenges.iterator();
            oldest.next();
            oldest.remove();
        }
        return challenge;
    }

    /** Whether a challenge is one of ours that somebody sends back, to have us make an answer to it. */
    synchronized boolean isOurs(Octets challenge) {
        return challenges.contains(challenge);
    }
}
