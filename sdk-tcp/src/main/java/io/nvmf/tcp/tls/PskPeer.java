package io.nvmf.tcp.tls;

import org.jspecify.annotations.Nullable;

/** What this side wants of a handshake, and what has come of it. */
interface PskPeer {

    /** The identity of the agreed key, once the handshake is complete; null before. */
    @Nullable
    String agreed();

    /** What this side knows about a failure that the peer is not told; null if nothing. */
    @Nullable
    String remark();

    /** Wipes the copies of keys; the handshake is over. */
    void wipe();
}
