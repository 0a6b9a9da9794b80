package io.nvmf.transport;

import io.nvmf.security.TlsPsk;
import java.util.List;
import reactor.core.publisher.Mono;

/** Has the keys of hosts that connect over TLS, by the identities that they offer. */
@FunctionalInterface
public interface TlsKeyChooser {

    /**
     * Chooses among what a host offers. Cold; called on the event loop of the connection, which must not be blocked, once
     * for each. The time it may take is that of the handshake.
     *
     * @param identities as the host sent them, so they may be anything; a few at most
     * @return the best key that is known by one of them, which belongs to the subscriber, who closes it; empty if there
     *     is none
     */
    Mono<TlsPsk> choose(List<String> identities);
}
