package io.nvmf.rdma.spi;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.TransportAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A peer that asks to be connected. */
public interface RdmaIncoming {

    /**
     * The event loop of the connection that it becomes.
     *
     * @return the event loop
     */
    EventExecutor executor();

    /**
     * The peer's private data.
     *
     * @return a read-only view with a position of its own; may be followed by zeroes that the peer did not send
     */
    ByteBuffer privateData();

    /**
     * How many RDMA reads the peer serves at once (its IRD): the most that this side may have outstanding.
     *
     * @return 0 if it serves none
     */
    int peerReadsIn();

    /**
     * This end's address.
     *
     * @return null where it is not known
     */
    @Nullable
    TransportAddress localAddress();

    /**
     * The peer's address.
     *
     * @return null where it is not known
     */
    @Nullable
    TransportAddress remoteAddress();

    /**
     * Accepts. Cold; may be subscribed to once.
     *
     * @param privateData for the peer, at most {@link RdmaCapabilities#maxPrivateData}
     * @param limits how much may be under way; {@code readsOut} is lowered to {@link #peerReadsIn()}
     * @return the connection, on its event loop, on which nothing is delivered before {@link RdmaConnection#receiver}
     *     is called; {@link IllegalArgumentException} when there is too much private data,
     *     {@link IllegalStateException} when the request was answered before, {@link java.io.IOException} when the
     *     peer is gone, as far as that can be known
     */
    Mono<RdmaConnection> accept(ByteBuffer privateData, RdmaLimits limits);

    /**
     * Rejects. Nothing happens if the peer is gone, or was accepted.
     *
     * @param privateData why, for the peer
     */
    void reject(ByteBuffer privateData);
}
