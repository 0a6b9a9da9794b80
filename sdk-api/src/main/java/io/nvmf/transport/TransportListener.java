package io.nvmf.transport;

import reactor.core.publisher.Mono;

/** A bound address that accepts hosts. */
public interface TransportListener {

    /**
     * Where hosts can connect to.
     *
     * @return the bound address with the real port
     */
    TransportAddress address();

    /**
     * Stops accepting; queue pairs already accepted live on. Idempotent.
     *
     * @return completes when the address is free
     */
    Mono<Void> close();
}
