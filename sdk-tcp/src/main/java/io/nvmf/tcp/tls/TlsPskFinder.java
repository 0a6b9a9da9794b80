package io.nvmf.tcp.tls;

import io.nvmf.security.TlsPsk;
import org.jspecify.annotations.Nullable;

/** The keys of a server by their identities. Called on event loops, and must not block. */
@FunctionalInterface
public interface TlsPskFinder {

    /**
     * The key that a client offers.
     *
     * @param identity as the client sent it, which may be anything
     * @return the key, which stays the finder's; null if there is none
     */
    @Nullable
    TlsPsk find(String identity);
}
