package io.nvmf;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.engine.ServedSubsystem;
import java.util.Objects;
import java.util.SortedMap;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** The face of a subsystem that is being served. */
record RunningSubsystem(ServedSubsystem served) implements BoundSubsystem {

    @Override
    public String nqn() {
        return served.nqn();
    }

    @Override
    public SortedMap<Integer, BlockStore> namespaces() {
        return served.namespaces();
    }

    @Override
    public Mono<Void> addNamespace(int nsid, BlockStore store) {
        return served.addNamespace(nsid, Objects.requireNonNull(store, "store"), null);
    }

    @Override
    public Mono<Void> addNamespace(int nsid, BlockStore store, UUID uuid) {
        return served.addNamespace(nsid, Objects.requireNonNull(store, "store"), Objects.requireNonNull(uuid, "uuid"));
    }

    @Override
    public Mono<Void> removeNamespace(int nsid) {
        return served.removeNamespace(nsid);
    }

    @Override
    public Mono<Void> resizeNamespace(int nsid, BlockStore store) {
        return served.resizeNamespace(nsid, Objects.requireNonNull(store, "store"));
    }

    @Override
    public Mono<Void> failControllers() {
        return served.failControllers();
    }

    @Override
    public Mono<Void> postEvent(AsyncEvent event) {
        return served.postEvent(Objects.requireNonNull(event, "event"));
    }
}
