package io.nvmf;

import io.nvmf.namespace.NamespaceState;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The namespaces that users have: at most one state for each NSID, for as long as a namespace, a publisher or a command
 * of it is in use. Any thread.
 */
final class NamespaceRegistry {

    private final ConcurrentHashMap<Integer, Held> states = new ConcurrentHashMap<>();
    private final ReferenceQueue<NamespaceState> dropped = new ReferenceQueue<>();

    private static final class Held extends WeakReference<NamespaceState> {

        private final int nsid;

        Held(NamespaceState state, ReferenceQueue<NamespaceState> dropped) {
            super(state, dropped);
            this.nsid = state.nsid();
        }
    }

    /**
     * Takes in a namespace that was just identified. Who has it already sees the change; who has another one of this
     * NSID cannot use that any more.
     *
     * @param now as it is now
     * @return the state that all users of this namespace share
     */
    NamespaceState opened(NamespaceState now) {
        forgetDropped();
        NamespaceState known = find(now.nsid());
        if (known != null && known.update(now) != NamespaceState.Change.REPLACED) {
            return known;
        }
        states.put(now.nsid(), new Held(now, dropped));
        return now;
    }

    /** {@return the state of a namespace that somebody has, or null} */
    @Nullable
    NamespaceState find(int nsid) {
        Held held = states.get(nsid);
        return held == null ? null : held.get();
    }

    /** {@return the namespaces that somebody has} */
    List<NamespaceState> all() {
        forgetDropped();
        return states.values().stream()
                .map(Reference::get)
                .filter(Objects::nonNull)
                .toList();
    }

    private void forgetDropped() {
        for (Reference<?> next = dropped.poll(); next != null; next = dropped.poll()) {
            Held held = (Held) next;
            states.remove(held.nsid, held);
        }
    }
}
