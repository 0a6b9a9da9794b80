package io.nvmf.subsystem.engine;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.nvmf.spec.Nqn;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A subsystem that is being served. Immutable. */
final class Subsystem {

    private final String nqn;
    private final @Nullable SubsystemOptions spec;
    private final IntObjectMap<Namespace> namespaces = new IntObjectHashMap<>();
    private final int[] nsids;

    private Subsystem(String nqn, @Nullable SubsystemOptions spec) {
        this.nqn = nqn;
        this.spec = spec;
        if (spec != null) {
            spec.namespaces().forEach((nsid, store) -> namespaces.put(nsid, new Namespace(nqn, nsid, store)));
        }
        this.nsids = spec == null
                ? new int[0]
                : spec.namespaces().keySet().stream().mapToInt(nsid -> nsid).toArray();
    }

    static Subsystem of(SubsystemOptions spec) {
        return new Subsystem(spec.nqn(), spec);
    }

    static Subsystem discovery() {
        return new Subsystem(Nqn.DISCOVERY, null);
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

    Collection<Namespace> namespaces() {
        return namespaces.values();
    }

    /** Whether it makes sense for a host to deallocate anything. */
    boolean deallocates() {
        return namespaces.values().stream()
                .anyMatch(namespace -> namespace.store().deallocation() != BlockStore.Deallocation.IGNORED);
    }

    /** Ascending. */
    int[] nsids() {
        return nsids;
    }

    /** NN. */
    int maxNsid() {
        return nsids.length == 0 ? 0 : nsids[nsids.length - 1];
    }
}
