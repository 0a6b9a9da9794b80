package io.nvmf.subsystem.engine;

import io.nvmf.subsystem.BlockStore;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a host sees of the namespaces of a subsystem. Those that it does not see are, for it, not there. Thread safe.
 */
final class HostNamespaces {

    private final Subsystem subsystem;

    /** Null for a host that sees all. */
    private final @Nullable SortedSet<Integer> visible;

    HostNamespaces(Subsystem subsystem, @Nullable SortedSet<Integer> visible) {
        this.subsystem = subsystem;
        this.visible = visible;
    }

    boolean contains(int nsid) {
        return visible == null || visible.contains(nsid);
    }

    @Nullable
    Namespace get(int nsid) {
        return contains(nsid) ? subsystem.namespace(nsid) : null;
    }

    /** Those that there are now, by ascending NSID. */
    Collection<Namespace> all() {
        Collection<Namespace> all = subsystem.namespaces();
        return visible == null
                ? all
                : all.stream().filter(namespace -> contains(namespace.nsid())).toList();
    }

    /** Ascending; not to be changed. */
    int[] nsids() {
        int[] all = subsystem.nsids();
        return visible == null ? all : Arrays.stream(all).filter(this::contains).toArray();
    }

    /** NN, which never becomes less, and tells nothing of what the host does not see. */
    int maxNsid() {
        if (visible == null) {
            return subsystem.maxNsid();
        }
        return visible.isEmpty() ? 0 : visible.last();
    }

    /** Whether it makes sense for the host to deallocate anything. */
    boolean deallocate() {
        return all().stream()
                .anyMatch(namespace -> namespace.store().deallocation() != BlockStore.Deallocation.IGNORED);
    }
}
