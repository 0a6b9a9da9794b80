package io.nvmf.subsystem.engine;

import io.nvmf.spec.Nqn;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A subsystem that is being served; its namespaces come and go. Thread safe. */
final class Subsystem {

    private final String nqn;
    private final @Nullable SubsystemOptions spec;
    private final Lock changing = new ReentrantLock();
    private volatile Namespaces namespaces;

    private Subsystem(String nqn, @Nullable SubsystemOptions spec, Namespaces namespaces) {
        this.nqn = nqn;
        this.spec = spec;
        this.namespaces = namespaces;
    }

    static Subsystem of(SubsystemOptions spec) {
        List<Namespace> all = spec.namespaces().entrySet().stream()
                .map(entry ->
                        new Namespace(entry.getKey(), entry.getValue(), Namespace.uuidOf(spec.nqn(), entry.getKey())))
                .toList();
        return new Subsystem(spec.nqn(), spec, Namespaces.of(all));
    }

    static Subsystem discovery() {
        return new Subsystem(Nqn.DISCOVERY, null, Namespaces.of(List.of()));
    }

    String nqn() {
        return nqn;
    }

    boolean isDiscovery() {
        return spec == null;
    }

    boolean admits(String hostNqn) {
        return spec == null || spec.admits(hostNqn);
    }

    String serialNumber() {
        return spec == null ? "discovery" : spec.serialNumber();
    }

    String model() {
        return spec == null ? SubsystemOptions.DEFAULT_MODEL : spec.model();
    }

    @Nullable
    Namespace namespace(int nsid) {
        return namespaces.get(nsid);
    }

    /** Those that there are now, by ascending NSID. */
    Collection<Namespace> namespaces() {
        return namespaces.all();
    }

    /** What a host sees of them. */
    HostNamespaces visibleTo(String hostNqn) {
        return new HostNamespaces(
                this, spec == null ? null : spec.namespacesOf(hostNqn).orElse(null));
    }

    /** Ascending. */
    int[] nsids() {
        return namespaces.nsids();
    }

    /** NN, which never becomes less. */
    int maxNsid() {
        return namespaces.highest();
    }

    /**
     * Adds a namespace.
     *
     * @throws IllegalStateException if there is one of that NSID
     */
    void add(int nsid, BlockStore store, UUID uuid) {
        Namespace added = new Namespace(nsid, store, uuid);
        changing.lock();
        try {
            if (namespaces.get(nsid) != null) {
                throw new IllegalStateException("namespace " + nsid + " of " + nqn + " is there already");
            }
            namespaces = namespaces.with(added);
        } finally {
            changing.unlock();
        }
    }

    /**
     * Removes a namespace: commands that come do not find it, and those under way call its store no more.
     *
     * @throws IllegalStateException if there is none of that NSID
     */
    Namespace remove(int nsid) {
        changing.lock();
        try {
            Namespace removed = require(nsid);
            namespaces = namespaces.without(nsid);
            removed.remove();
            return removed;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Gives a namespace another store; commands under way go on with it.
     *
     * @return the store before
     * @throws IllegalStateException if there is none of that NSID
     * @throws IllegalArgumentException if the block size is another
     */
    BlockStore replace(int nsid, BlockStore store) {
        changing.lock();
        try {
            Namespace namespace = require(nsid);
            if (store.blockSize() != namespace.blockSize()) {
                throw new IllegalArgumentException("blockSize " + store.blockSize() + " is not that of namespace "
                        + nsid + ", " + namespace.blockSize());
            }
            return namespace.replace(store);
        } finally {
            changing.unlock();
        }
    }

    private Namespace require(int nsid) {
        Namespace namespace = namespaces.get(nsid);
        if (namespace == null) {
            throw new IllegalStateException("there is no namespace " + nsid + " in " + nqn);
        }
        return namespace;
    }
}
