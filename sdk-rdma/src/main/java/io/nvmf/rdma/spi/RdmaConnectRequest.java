package io.nvmf.rdma.spi;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Where to connect to, and how.
 *
 * @param address the peer
 * @param timeout how long connecting may take, the peer's answer included
 * @param privateData opaque bytes for the peer, at most {@link RdmaCapabilities#maxPrivateData}
 * @param limits how much may be under way
 * @param options options of the provider
 */
public record RdmaConnectRequest(
        TransportAddress address,
        Duration timeout,
        ByteBuffer privateData,
        RdmaLimits limits,
        TransportOptions options) {

    /**
     * Makes the private data read only.
     *
     * @param address the peer
     * @param timeout how long connecting may take
     * @param privateData opaque bytes for the peer
     * @param limits how much may be under way
     * @param options options of the provider
     */
    public RdmaConnectRequest {
        privateData = privateData.asReadOnlyBuffer();
    }

    /**
     * Opaque bytes for the peer.
     *
     * @return a read-only view with a position of its own
     */
    @Override
    public ByteBuffer privateData() {
        return privateData.duplicate();
    }
}
