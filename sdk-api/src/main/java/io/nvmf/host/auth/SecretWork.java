package io.nvmf.host.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Work with secrets, one piece after the other on whatever threads, and what has to be wiped after it. Closing never
 * waits: it wipes at once, or leaves that to the piece that is being done, which then is the last. Any thread.
 */
final class SecretWork implements AutoCloseable {

    private static final int FREE = 0;
    private static final int AT_WORK = 1;
    private static final int LEFT_TO_WORK = 2;
    private static final int WIPED = 3;

    private final AtomicInteger state = new AtomicInteger(FREE);

    /** Belongs to whoever is at work. */
    private final List<AutoCloseable> kept = new ArrayList<>();

    /**
     * Keeps what this wipes in the end; at once if this is closed.
     *
     * @param secret closing it wipes it
     */
    void keep(AutoCloseable secret) {
        if (begin()) {
            kept.add(secret);
            end();
        } else {
            wipe(secret);
        }
    }

    /**
     * Does a piece of work, unless this is closed.
     *
     * @param work may keep secrets with the list that it gets
     * @return what it returns
     * @throws CancellationException if this is closed
     */
    <T> T run(Work<T> work) {
        if (!begin()) {
            throw new CancellationException("given up");
        }
        try {
            return work.run(kept);
        } finally {
            end();
        }
    }

    /**
     * A piece of work.
     *
     * @param <T> what it comes to
     */
    @FunctionalInterface
    interface Work<T> {

        T run(List<AutoCloseable> kept);
    }

    private boolean begin() {
        return state.compareAndSet(FREE, AT_WORK);
    }

    private void end() {
        if (!state.compareAndSet(AT_WORK, FREE)) {
            wipe();
        }
    }

    /** Wipes what was kept. Idempotent. */
    @Override
    public void close() {
        if (state.compareAndSet(AT_WORK, LEFT_TO_WORK)) {
            return;
        }
        if (state.compareAndSet(FREE, WIPED)) {
            wipe();
        } else if (state.get() < LEFT_TO_WORK) {
            close(); // work has begun or ended just now
        }
    }

    private void wipe() {
        state.set(WIPED);
        kept.forEach(SecretWork::wipe);
        kept.clear();
    }

    private static void wipe(AutoCloseable secret) {
        try {
            secret.close();
        } catch (Exception e) {
            throw new IllegalStateException("wiping does not fail", e);
        }
    }
}
