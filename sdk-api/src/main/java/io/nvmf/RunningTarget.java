package io.nvmf;

import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.engine.ServedSubsystem;
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
