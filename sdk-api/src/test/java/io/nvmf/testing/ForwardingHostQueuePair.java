package io.nvmf.testing;

import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.TransportAddress;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A host's queue pair around another one. */
public abstract class ForwardingHostQueuePair extends ForwardingQueuePair<HostQueuePair> implements HostQueuePair {

    /** Around another one. */
    protected ForwardingHostQueuePair(HostQueuePair inner) {
        super(inner);
    }

    @Override
    public SglSupport sglSupport() {
        return inner.sglSupport();
    }

    @Override
    public Optional<TransportAddress> remoteAddress() {
        return inner.remoteAddress();
    }

    @Override
    public long maxTransferSize() {
        return inner.maxTransferSize();
    }

    @Override
    public Flux<ResponseCapsule> responses() {
        return inner.responses();
    }

    @Override
    public Mono<Void> transmit(CommandCapsule capsule) {
        return inner.transmit(capsule);
    }

    @Override
    public void submit(CommandCapsule capsule) {
        inner.submit(capsule);
    }

    @Override
    public boolean withdraw(CommandCapsule capsule) {
        return inner.withdraw(capsule);
    }
}
