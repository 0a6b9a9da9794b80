package io.nvmf.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.Termination;
import reactor.core.publisher.Mono;

/**
 * A queue pair around another one, which says and does what both roles have in common.
 *
 * @param <Q> the role
 */
public abstract class ForwardingQueuePair<Q extends QueuePair> implements QueuePair {

    /** The other one. */
    public final Q inner;

    /** Around another one. */
    protected ForwardingQueuePair(Q inner) {
        this.inner = inner;
    }

    @Override
    public TransportType transportType() {
        return inner.transportType();
    }

    @Override
    public boolean admin() {
        return inner.admin();
    }

    @Override
    public EventExecutor executor() {
        return inner.executor();
    }

    @Override
    public ByteBufAllocator allocator() {
        return inner.allocator();
    }

    @Override
    public Mono<Termination> termination() {
        return inner.termination();
    }

    @Override
    public Mono<Void> close() {
        return inner.close();
    }
}
