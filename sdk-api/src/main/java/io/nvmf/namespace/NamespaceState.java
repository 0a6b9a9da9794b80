package io.nvmf.namespace;

import io.nvmf.spec.IdentifyNamespace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a namespace that a user has: its identity, which never changes, and what the controller said of it
 * last. Internal: publishers and commands of the namespace share it, however many there are. Any thread; a command reads
 * the geometry once.
 */
public final class NamespaceState {

    /** What a new look at a namespace has shown. */
    public enum Change {
        /** Nothing that matters to commands. */
        NONE,
        /** It has another number of blocks. */
        RESIZED,
        /** It is another namespace, or formatted in another way: it cannot be used any more. */
        REPLACED,
        /** It is not active: it cannot be used until it is there again. */
        GONE
    }

    private final int nsid;
    private final NamespaceIdentity identity;
    private volatile NamespaceGeometry geometry;
    private volatile IdentifyNamespace identify;

    /**
     * A namespace as the controller describes it now.
     *
     * @param nsid namespace identifier
     * @param identify over memory that lives as long as this object and is not changed
     * @param identity the identifiers that stay
     * @param parameters what controller and transport say
     * @throws io.nvmf.spec.SpecificationViolationException if the LBA format in use cannot be used
     */
    public NamespaceState(
            int nsid, IdentifyNamespace identify, NamespaceIdentity identity, NamespaceParameters parameters) {
        this.nsid = nsid;
        this.identity = identity;
        this.identify = identify;
        this.geometry = NamespaceGeometry.of(nsid, identify, parameters);
    }

    /** A namespace of which only the numbers are known. */
    NamespaceState(NamespaceGeometry geometry) {
        this.nsid = geometry.nsid();
        this.identity = new NamespaceIdentity(Optional.empty(), Optional.empty(), Optional.empty());
        this.identify = new IdentifyNamespace();
        this.geometry = geometry;
    }

    /** {@return the namespace identifier} */
    public int nsid() {
        return nsid;
    }

    /** {@return the identifiers that stay} */
    public NamespaceIdentity identity() {
        return identity;
    }

    /** {@return what the controller said last while it was this namespace; must not be changed} */
    public IdentifyNamespace identify() {
        return identify;
    }

    /** {@return bytes of the namespace, as the controller said last} */
    public long size() {
        return geometry.size();
    }

    /** {@return bytes of a block} */
    public int blockSize() {
        return geometry.blockSize();
    }

    NamespaceGeometry geometry() {
        return geometry;
    }

    /** {@return whether commands can be sent} */
    public boolean isUsable() {
        return geometry.unusable() == null;
    }

    /**
     * Takes over what the controller says now under the same NSID, or finds that it is not the same namespace any more.
     *
     * @param now the namespace of that NSID as it is now
     * @return what has changed
     */
    public Change update(NamespaceState now) {
        NamespaceGeometry before = geometry;
        String difference = difference(before, now);
        if (difference != null) {
            geometry = before.unusable(difference);
            return Change.REPLACED;
        }
        if (identity.isEmpty() && before.unusable() != null) {
            // It was away, and nothing tells whether this is the one that was there before.
            return Change.REPLACED;
        }
        NamespaceGeometry after = now.geometry;
        identify = now.identify;
        geometry = after;
        return after.blocks() == before.blocks() ? Change.NONE : Change.RESIZED;
    }

    private @Nullable String difference(NamespaceGeometry before, NamespaceState now) {
        if (!identity.equals(now.identity)) {
            return "it is another namespace now, with " + now.identity + ", and was opened with " + identity;
        }
        NamespaceGeometry after = now.geometry;
        if (before.blockShift() != after.blockShift() || before.metadataSize() != after.metadataSize()) {
            return "it is formatted anew, with blocks of " + format(after) + ", and was opened with blocks of "
                    + format(before) + " (" + identity + ")";
        }
        return null;
    }

    private static String format(NamespaceGeometry geometry) {
        String metadata = geometry.metadataSize() == 0 ? "" : " and " + geometry.metadataSize() + " of metadata";
        return geometry.blockSize() + " bytes" + metadata;
    }

    /**
     * The controller says nothing of this namespace, or nothing that can be used.
     *
     * @param reason why, a half sentence for messages
     */
    public void lose(String reason) {
        geometry = geometry.unusable(reason + " (it was opened with " + identity + ")");
    }
}
