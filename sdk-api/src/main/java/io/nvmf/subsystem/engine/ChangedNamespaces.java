package io.nvmf.subsystem.engine;

import io.nvmf.spec.NamespaceList;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.BitSet;

/**
 * The namespaces that have changed since the host last read the page of them (Base: "Changed Attached Namespace List").
 * Bounded by the largest NSID. Event loop of the controller only.
 */
final class ChangedNamespaces {

    private final BitSet nsids = new BitSet();

    /** Notes a change of the namespace, 1..{@link SubsystemOptions#MAX_NSID}. */
    void add(int nsid) {
        nsids.set(nsid);
    }

    boolean isEmpty() {
        return nsids.isEmpty();
    }

    /** What the page says: ascending; more than fit are one more than fit. */
    int[] list() {
        return nsids.stream().limit(NamespaceList.MAX_ENTRIES + 1L).toArray();
    }

    /** The host knows. */
    void clear() {
        nsids.clear();
    }
}
