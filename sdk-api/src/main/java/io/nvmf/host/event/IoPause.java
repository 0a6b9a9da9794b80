package io.nvmf.host.event;

import reactor.core.publisher.Mono;

/** Holds back new I/O commands of users while the controller carries out none. */
@FunctionalInterface
public interface IoPause {

    /**
     * Holds back what has not been submitted to a queue yet. On the event loop of the admin queue; does not block.
     *
     * @param until completes when commands may go again, never an error; bounded, and ends with the association
     */
    void pause(Mono<Void> until);
}
