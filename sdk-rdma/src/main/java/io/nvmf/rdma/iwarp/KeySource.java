package io.nvmf.rdma.iwarp;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers that a peer cannot guess from those that it has seen: SHA-256 over a secret and a counter. The secret of the
 * JVM comes from {@link SecureRandom}, which may block, so it is taken once, when the provider is made; each connection
 * has its own, made from it. Event loop only.
 */
final class KeySource {

    private static final int SECRET = 32;
    private static final byte[] ROOT = new byte[SECRET];
    private static final AtomicLong CONNECTIONS = new AtomicLong();

    static {
        new SecureRandom().nextBytes(ROOT);
    }

    private final MessageDigest digest = sha256();
    private final ByteBuffer input = ByteBuffer.allocate(SECRET + Long.BYTES);
    private final byte[] made = new byte[SECRET];
    private final ByteBuffer ready = ByteBuffer.wrap(made).limit(0);
    private long count;

    KeySource() {
        digest.update(ROOT);
        input.putLong(CONNECTIONS.getAndIncrement());
        digest.update(input.array(), 0, Long.BYTES);
        input.put(0, digest.digest());
    }

    /** Takes the secret of this JVM now, on a thread that may block. */
    static void prepare() {
        sha256();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    int nextInt() {
        return ready(Integer.BYTES).getInt();
    }

    long nextLong() {
        return ready(Long.BYTES).getLong();
    }

    private ByteBuffer ready(int bytes) {
        if (ready.remaining() < bytes) {
            input.putLong(SECRET, count++);
            digest.update(input.array());
            fill();
        }
        return ready;
    }

    private void fill() {
        try {
            digest.digest(made, 0, made.length);
        } catch (DigestException e) {
            throw new IllegalStateException("a SHA-256 has 32 bytes", e);
        }
        ready.clear();
    }
}
