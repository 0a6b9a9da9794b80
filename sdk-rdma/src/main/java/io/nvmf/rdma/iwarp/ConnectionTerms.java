package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.ScopedAddress;
import io.nvmf.transport.support.SocketAddresses;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection starts with.
 *
 * @param initiator whether this side has asked for it, and so sends first
 * @param limits as agreed
 * @param checked whether there are CRCs
 * @param ulpdu bytes of a DDP segment that is sent, at most
 * @param ready what the initiator sends first in peer-to-peer mode
 * @param pause before the initiator sends first
 * @param nudge after which the peer is nudged for the first time if it has not answered; zero for never
 * @param closeTimeout how long it may take to send what is left, and the peer to close
 * @param privateData of the peer
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ConnectionTerms(
        boolean initiator,
        RdmaLimits limits,
        boolean checked,
        int ulpdu,
        Ready ready,
        Duration pause,
        Duration nudge,
        Duration closeTimeout,
        byte[] privateData) {

    /** How an initiator says that it is ready to receive. */
    enum Ready {
        /** It does not. */
        NONE,
        /** An empty RDMA Write. */
        WRITE,
        /** An empty RDMA Read. */
        READ
    }

    /** Where the peer is: for who has connected as it can be reached again, otherwise as others may be told. */
    @Nullable
    TransportAddress remoteAddress(Channel channel) {
        return initiator
                ? ScopedAddress.reached(channel.remoteAddress(), channel.localAddress())
                : SocketAddresses.of(channel.remoteAddress());
    }
}
