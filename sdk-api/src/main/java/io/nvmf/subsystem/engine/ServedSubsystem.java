package io.nvmf.subsystem.engine;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.Require;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What can be changed of a subsystem while it is served, and told to its hosts. Internal; users have
 * {@code io.nvmf.BoundSubsystem}. Thread safe.
 */
public final class ServedSubsystem {

    static final AsyncEvent NAMESPACE_CHANGED = new AsyncEvent(
            AsyncEvent.TYPE_NOTICE, AsyncEvent.INFO_NOTICE_NAMESPACE_CHANGED, LogPage.CHANGED_NAMESPACES, 0);

    private final TargetServer server;
    private final Subsystem subsystem;

    ServedSubsystem(TargetServer server, Subsystem subsystem) {
        this.server = server;
        this.subsystem = subsystem;
    }

    /**
     * The name.
     *
     * @return the NQN
     */
    public String nqn() {
        return subsystem.nqn();
    }

    /**
     * The stores by NSID.
     *
     * @return those of now
     */
    public SortedMap<Integer, BlockStore> namespaces() {
        SortedMap<Integer, BlockStore> stores = new TreeMap<>();
        subsystem.namespaces().forEach(namespace -> stores.put(namespace.nsid(), namespace.store()));
        return stores;
    }

    /**
     * Opens a store, adds it as a namespace, and tells the hosts.
     *
     * @param nsid 1..{@link SubsystemOptions#MAX_NSID}
     * @param store its blocks
     * @param uuid what hosts know it by; null to make it of the names
     * @return completes when it is there and all controllers know
     */
    public Mono<Void> addNamespace(int nsid, BlockStore store, @Nullable UUID uuid) {
        Require.range("nsid", nsid, 1, SubsystemOptions.MAX_NSID);
        UUID identifier = uuid == null ? Namespace.uuidOf(nqn(), nsid) : uuid;
        return changing(Mono.defer(store::open).then(Mono.defer(() -> {
            subsystem.add(nsid, store, identifier);
            return changed(nsid);
        })));
    }

    /**
     * Removes a namespace, and tells the hosts.
     *
     * @param nsid its identifier
     * @return completes when no command uses the store any more
     */
    public Mono<Void> removeNamespace(int nsid) {
        return changing(Mono.defer(() -> {
            Namespace removed = subsystem.remove(nsid);
            return changed(nsid)
                    .then(unused(
                            removed.store(), queue -> queue.waiting().abort(removed, TargetStatus.INVALID_NAMESPACE)));
        }));
    }

    /**
     * Opens a store, puts it in the place of that of a namespace, and tells the hosts.
     *
     * @param nsid identifier of the namespace
     * @param store its blocks from now on
     * @return completes when no command uses the store before any more
     */
    public Mono<Void> resizeNamespace(int nsid, BlockStore store) {
        return changing(Mono.defer(store::open).then(Mono.defer(() -> {
            BlockStore before = subsystem.replace(nsid, store);
            return changed(nsid).then(unused(before, queue -> {}));
        })));
    }

    /**
     * Tells all controllers of an event. Hot.
     *
     * @param event what hosts get
     * @return completes when all have been told
     */
    public Mono<Void> postEvent(AsyncEvent event) {
        return hot(forEachController(controller -> controller.post(event)));
    }

    /**
     * All controllers fail: CSTS.CFS is set, and the connections stay. Hot.
     *
     * @return completes when all have failed
     */
    public Mono<Void> failControllers() {
        return hot(forEachController(Controller::failQuietly));
    }

    private static Mono<Void> hot(Mono<Void> work) {
        Mono<Void> replayed = work.cache();
        replayed.subscribe();
        return replayed;
    }

    private Mono<Void> changing(Mono<Void> change) {
        return Mono.defer(() -> subsystem.isDiscovery()
                ? Mono.error(new IllegalStateException("the discovery subsystem has no namespaces"))
                : change);
    }

    private Mono<Void> changed(int nsid) {
        return forEachController(controller -> controller.namespaceChanged(nsid));
    }

    /** Completes when the task has been run for every controller, each on its event loop. */
    private Mono<Void> forEachController(Consumer<Controller> task) {
        return Mono.defer(() -> Mono.when(server.controllersOf(subsystem).stream()
                .map(controller -> Mono.<Void>create(sink -> controller.execute(() -> {
                    task.accept(controller);
                    sink.success();
                })))
                .toList()));
    }

    /** Waits, on each queue, until the store is at work for no command. */
    private Mono<Void> unused(BlockStore store, Consumer<TargetQueue> first) {
        return Mono.defer(() -> Mono.when(server.queues().stream()
                .map(queue -> Mono.<Void>create(sink -> queue.execute(() -> {
                    first.accept(queue);
                    queue.calls().awaitNone(store, sink::success);
                })))
                .toList()));
    }
}
