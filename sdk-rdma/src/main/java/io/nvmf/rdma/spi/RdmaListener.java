package io.nvmf.rdma.spi;

import io.nvmf.transport.TransportAddress;
import reactor.core.publisher.Mono;

/** Where a provider listens. */
public interface RdmaListener {

    /**
     * Where it listens, with the port it took.
     *
     * @return the address
     */
    TransportAddress address();

    /**
     * Takes no more connections; the ones there are go on. Idempotent; requests that were neither accepted nor rejected
     * are closed.
     *
     * @return completes when nothing listens any more
     */
    Mono<Void> close();
}
