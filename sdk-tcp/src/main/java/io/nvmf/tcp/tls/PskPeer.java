package io.nvmf.tcp.tls;

import java.util.List;
import org.bouncycastle.tls.NamedGroup;
import org.jspecify.annotations.Nullable;

/** What this side wants of a handshake, and what has come of it. */
interface PskPeer {

    /** Groups of the key exchange, most preferred first. */
    List<Integer> GROUPS = List.of(NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1, NamedGroup.ffdhe3072);

    /** The identity of the agreed key, once the handshake is complete; null before. */
    @Nullable
    String agreed();

    /** What this side knows about a failure that the peer is not told; null if nothing. */
    @Nullable
    String remark();

    /** Wipes the copies of keys; the handshake is over. */
    void wipe();
}
