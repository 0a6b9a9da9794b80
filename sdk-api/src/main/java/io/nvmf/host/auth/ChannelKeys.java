package io.nvmf.host.auth;

import io.nvmf.security.TlsPsk;
import io.nvmf.transport.QueuePair;
import java.util.List;
import java.util.Objects;

/** The keys of the secure channels that are about to be made, and who wipes them. Any thread. */
public final class ChannelKeys implements AutoCloseable {

    private List<TlsPsk> keys = List.of();
    private boolean closed;

    /** None yet. */
    public ChannelKeys() {}

    /**
     * Takes keys over, and wipes those there were. Wipes the keys at once if this is closed.
     *
     * @param given best first
     */
    synchronized void give(List<TlsPsk> given) {
        keys.forEach(TlsPsk::close);
        keys = List.copyOf(given);
        if (closed) {
            keys.forEach(TlsPsk::close);
        }
    }

    /** {@return the keys to offer, best first; they stay this object's} */
    public synchronized List<TlsPsk> offered() {
        return keys;
    }

    /**
     * Whether a connection is secured with one of these.
     *
     * @param connection a connection that was made with {@link #offered()}
     * @return false also if it is not secured at all
     */
    public synchronized boolean secure(QueuePair connection) {
        String identity = connection.tlsIdentity();
        return identity != null && keys.stream().anyMatch(key -> Objects.equals(key.identity(), identity));
    }

    /** Wipes the keys. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        keys.forEach(TlsPsk::close);
    }

    /** Tells nothing of the keys. */
    @Override
    public synchronized String toString() {
        return keys.size() + " keys";
    }
}
