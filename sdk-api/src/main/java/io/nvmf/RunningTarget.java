package io.nvmf;

import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.engine.TargetServer;
import io.nvmf.transport.TransportAddress;
import java.net.URI;
import reactor.core.publisher.Mono;

/** The face of a running target. */
record RunningTarget(TransportType transport, TargetServer server) implements BoundTarget {

    @Override
    public TransportAddress address() {
        return server.address();
    }

    @Override
    public int port() {
        return address().port();
    }

    @Override
    public URI uri(String nqn) {
        return ClientUriText.of(transport, address(), Nqn.require(nqn));
    }

    @Override
    public int controllers() {
        return server.controllers();
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
