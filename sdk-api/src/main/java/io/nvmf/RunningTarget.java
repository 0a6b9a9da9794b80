package io.nvmf;

import io.nvmf.spec.Nqn;
import io.nvmf.subsystem.engine.ListenAddress;
import io.nvmf.subsystem.engine.ServedSubsystem;
import io.nvmf.subsystem.engine.TargetServer;
import io.nvmf.transport.TransportAddress;
import java.net.URI;
import java.util.List;
import reactor.core.publisher.Mono;

/** The face of a running target. */
record RunningTarget(TargetServer server) implements BoundTarget {

    @Override
    public TransportAddress address() {
        return first().address();
    }

    @Override
    public int port() {
        return address().port();
    }

    @Override
    public URI uri(String nqn) {
        return uri(first(), nqn);
    }

    @Override
    public List<URI> uris(String nqn) {
        return server.addresses().stream().map(here -> uri(here, nqn)).toList();
    }

    private ListenAddress first() {
        return server.addresses().get(0);
    }

    private static URI uri(ListenAddress here, String nqn) {
        return ClientUriText.of(here.transport(), here.address(), Nqn.require(nqn));
    }

    @Override
    public BoundSubsystem subsystem(String nqn) {
        ServedSubsystem served = server.served(nqn);
        if (served == null) {
            throw new IllegalArgumentException("there is no subsystem \"" + nqn + "\" in this target");
        }
        return new RunningSubsystem(served);
    }

    @Override
    public int controllers() {
        return server.controllers();
    }

    @Override
    public Mono<Void> disconnectAll() {
        return server.disconnectAll();
    }

    @Override
    public Mono<Void> close() {
        return server.close();
    }

    @Override
    public Mono<Void> onClose() {
        return server.onClose();
    }
}
