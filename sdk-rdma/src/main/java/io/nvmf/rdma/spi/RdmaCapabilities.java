package io.nvmf.rdma.spi;

/**
 * What a provider can do.
 *
 * @param maxPrivateData bytes of private data that a request to connect and its answer can carry, at least 32
 * @param maxReadsIn RDMA reads of the peer that a connection can serve at once (IRD), at least 1
 * @param maxReadsOut RDMA reads that a connection can have outstanding (ORD), at least 1
 * @param revokesAtOnce whether {@link RdmaWindow#close} takes memory out of the peer's reach while the connection goes
 *     on. If not, a window that the peer has not invalidated stays open until the connection is closed, and whoever
 *     wants the memory back has to close the connection
 * @param anyMemory whether any {@link io.netty.buffer.ByteBuf} can be exposed, read into and sent from, without a copy.
 *     If not, only buffers of {@link RdmaConnection#allocator()} can
 */
public record RdmaCapabilities(
        int maxPrivateData, int maxReadsIn, int maxReadsOut, boolean revokesAtOnce, boolean anyMemory) {}
