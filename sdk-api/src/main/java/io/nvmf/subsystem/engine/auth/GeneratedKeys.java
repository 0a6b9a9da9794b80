package io.nvmf.subsystem.engine.auth;

import io.nvmf.security.PskHash;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.psk.InputPsk;
import io.nvmf.transport.TlsKeyChooser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The keys that authentications have made, for the TLS connections that follow. A key is wiped when no association uses
 * it and {@link #LIFE} has passed since it was made. Bounded: a host that makes more loses those that it has not used, the
 * oldest first. Thread safe.
 */
public final class GeneratedKeys implements TlsKeyChooser, AutoCloseable {

    /** How long a key is there that no association uses. */
    static final Duration LIFE = Duration.ofSeconds(60);

    /** Keys of one host for one subsystem. */
    static final int MOST_OF_ONE = 8;

    /** Keys in all. */
    static final int MOST = 4096;

    private final Scheduler timer;
    private final Map<Names, List<Entry>> byNames = new HashMap<>();
    private int count;
    private boolean closed;

    private record Names(String hostNqn, String subsystemNqn) {}

    /** One authentication's key, once for each version of identities. */
    private static final class Entry {

        private final List<TlsPsk> keys;
        private Disposable expiry = () -> {};
        private boolean expired;
        private int users;

        Entry(List<TlsPsk> keys) {
            this.keys = keys;
        }

        @Nullable
        TlsPsk find(String identity) {
            TlsPsk found = null;
            for (TlsPsk key : keys) {
                if (RetainedKeys.isSame(key.identity(), identity)) {
                    found = key;
                }
            }
            return found;
        }
    }

    /**
     * Has no key yet.
     *
     * @param timer runs time limits
     */
    public GeneratedKeys(Scheduler timer) {
        this.timer = timer;
    }

    /**
     * Keeps what an authentication has made.
     *
     * @param hostNqn name of the host
     * @param subsystemNqn name of the subsystem
     * @param psk overwritten when this returns
     * @return false if there is no room, or TLS has no use for a key of that length
     */
    boolean add(String hostNqn, String subsystemNqn, byte[] psk) {
        List<TlsPsk> keys = new ArrayList<>();
        if (Arrays.stream(PskHash.values()).noneMatch(hash -> hash.length() == psk.length)) {
            Arrays.fill(psk, (byte) 0);
            return false;
        }
        try (InputPsk generated = InputPsk.generated(PskHash.ofLength(psk.length), psk)) {
            keys.add(generated.tlsPsk(InputPsk.VERSION_1, hostNqn, subsystemNqn));
            keys.add(generated.tlsPsk(InputPsk.VERSION_0, hostNqn, subsystemNqn));
        } catch (IllegalArgumentException tooLong) {
            // The names are, for version 0.
        } finally {
            Arrays.fill(psk, (byte) 0);
        }
        return add(new Names(hostNqn, subsystemNqn), new Entry(List.copyOf(keys)));
    }

    /**
     * Keeps what an authentication has made, as {@link #add} does, on a thread that may compute.
     *
     * @param hostNqn name of the host
     * @param subsystemNqn name of the subsystem
     * @param psk overwritten when this has ended
     * @return whether it is kept
     */
    public Mono<Boolean> keep(String hostNqn, String subsystemNqn, byte[] psk) {
        return Mono.fromCallable(() -> add(hostNqn, subsystemNqn, psk))
                .subscribeOn(HostAuthenticator.computing())
                .doOnError(refused -> Arrays.fill(psk, (byte) 0));
    }

    private synchronized boolean add(Names names, Entry entry) {
        List<Entry> same = byNames.computeIfAbsent(names, none -> new ArrayList<>());
        if (same.size() == MOST_OF_ONE) {
            Iterator<Entry> oldest = same.iterator();
            while (same.size() == MOST_OF_ONE && oldest.hasNext()) {
                Entry old = oldest.next();
                if (old.users == 0) {
                    oldest.remove();
                    wipe(old);
                }
            }
        }
        if (closed || entry.keys.isEmpty() || same.size() == MOST_OF_ONE || count == MOST) {
            entry.keys.forEach(TlsPsk::close);
            if (same.isEmpty()) {
                byNames.remove(names);
            }
            return false;
        }
        count++;
        same.add(entry);
        entry.expiry = timer.schedule(() -> expire(names, entry), LIFE.toMillis(), TimeUnit.MILLISECONDS);
        return true;
    }

    private synchronized void expire(Names names, Entry entry) {
        entry.expired = true;
        removeIfUnused(names, entry);
    }

    private void removeIfUnused(Names names, Entry entry) {
        List<Entry> same = byNames.get(names);
        if (entry.users > 0 || !entry.expired || same == null || !same.remove(entry)) {
            return;
        }
        if (same.isEmpty()) {
            byNames.remove(names);
        }
        wipe(entry);
    }

    private void wipe(Entry entry) {
        count--;
        entry.expiry.dispose();
        entry.keys.forEach(TlsPsk::close);
    }

    @Override
    public Mono<TlsPsk> choose(List<String> identities) {
        return Mono.fromSupplier(() -> identities.stream()
                .limit(RetainedKeys.IDENTITIES)
                .map(this::copy)
                .filter(found -> found != null)
                .reduce(RetainedKeys::better)
                .orElse(null));
    }

    private synchronized @Nullable TlsPsk copy(String identity) {
        Found found = find(identity);
        if (found == null) {
            return null;
        }
        byte[] key = found.key.key();
        try {
            return TlsPsk.of(identity, key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private record Found(Names names, Entry entry, TlsPsk key) {}

    /** The newest, where several have the same identity. */
    private @Nullable Found find(String identity) {
        PskIdentity parsed = PskIdentity.parse(identity).orElse(null);
        if (parsed == null || !parsed.generated()) {
            return null;
        }
        Names names = new Names(parsed.hostNqn(), parsed.subsystemNqn());
        Found found = null;
        for (Entry entry : byNames.getOrDefault(names, List.of())) {
            TlsPsk key = entry.find(identity);
            if (key != null) {
                found = new Found(names, entry, key);
            }
        }
        return found;
    }

    /**
     * An association begins that uses a key, so it is there for as long.
     *
     * @param identity of the key
     * @return to be run once when the association has ended; null if the key is not there any more
     */
    public synchronized @Nullable Runnable use(String identity) {
        Found found = find(identity);
        if (found == null) {
            return null;
        }
        found.entry.users++;
        return () -> release(found);
    }

    private synchronized void release(Found found) {
        found.entry.users--;
        removeIfUnused(found.names, found.entry);
    }

    synchronized int size() {
        return count;
    }

    /** Wipes all keys. */
    @Override
    public synchronized void close() {
        closed = true;
        byNames.values().forEach(same -> same.forEach(this::wipe));
        byNames.clear();
    }
}
