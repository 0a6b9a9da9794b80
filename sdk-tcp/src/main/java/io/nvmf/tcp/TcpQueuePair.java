package io.nvmf.tcp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.Termination;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What the queue pairs of both roles say about their connection. */
abstract class TcpQueuePair implements QueuePair {

    /** The identity of the agreed key; null without TLS, and before it is agreed on. */
    private volatile @Nullable String tlsIdentity;

    /** The connection, which is the queue pair's channel handler. */
    abstract TcpConnection<?> connection();

    /** Both sides of the connection have the same key. */
    final void secured(String identity) {
        tlsIdentity = identity;
    }

    @Override
    public final @Nullable String tlsIdentity() {
        return tlsIdentity;
    }

    @Override
    public final TransportType transportType() {
        return TransportType.TCP;
    }

    @Override
    public final EventExecutor executor() {
        return connection().executor();
    }

    @Override
    public final ByteBufAllocator allocator() {
        return connection().allocator();
    }

    @Override
    public final Mono<Termination> termination() {
        return connection().termination();
    }

    @Override
    public final Mono<Void> close() {
        return connection().close();
    }
}
