package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.transport.SharedAllocator;
import java.time.Duration;

/**
 * What a {@link MemoryRdmaProvider} works with.
 *
 * @param connectorLoops event loops of connections that {@code connect} made
 * @param acceptorLoops event loops of connections that were accepted
 * @param allocator of the connections
 * @param capabilities what the provider says of itself, and does
 * @param padding zeroes behind private data, as far as there is room
 * @param maxWindows windows of one connection
 * @param maxUntaken bytes on their way to the peer above which a connection is not writable
 * @param closeTimeout how long what was issued may take to leave when a connection is closed
 */
public record MemoryRdmaSettings(
        EventExecutorGroup connectorLoops,
        EventExecutorGroup acceptorLoops,
        ByteBufAllocator allocator,
        RdmaCapabilities capabilities,
        int padding,
        int maxWindows,
        int maxUntaken,
        Duration closeTimeout) {

    private static final EventExecutorGroup CONNECTORS = loops("rdma-connector");
    private static final EventExecutorGroup ACCEPTORS = loops("rdma-acceptor");

    /** Event loops that all tests share, the shared allocator, and everything that a provider can be good at. */
    public static MemoryRdmaSettings defaults() {
        return new MemoryRdmaSettings(
                CONNECTORS,
                ACCEPTORS,
                SharedAllocator.INSTANCE,
                new RdmaCapabilities(256, 128, 128, true, true),
                0,
                Integer.MAX_VALUE,
                1 << 20,
                Duration.ofSeconds(1));
    }

    private static EventExecutorGroup loops(String name) {
        return new DefaultEventExecutorGroup(2, new DefaultThreadFactory(name, true));
    }

    /** On these event loops; may be the same. */
    public MemoryRdmaSettings withLoops(EventExecutorGroup ofConnectors, EventExecutorGroup ofAcceptors) {
        return new MemoryRdmaSettings(
                ofConnectors, ofAcceptors, allocator, capabilities, padding, maxWindows, maxUntaken, closeTimeout);
    }

    public MemoryRdmaSettings withAllocator(ByteBufAllocator buffers) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, buffers, capabilities, padding, maxWindows, maxUntaken, closeTimeout);
    }

    public MemoryRdmaSettings withCapabilities(RdmaCapabilities able) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, allocator, able, padding, maxWindows, maxUntaken, closeTimeout);
    }

    /** Does not take memory out of the peer's reach before the connection ends. */
    public MemoryRdmaSettings withoutRevoking() {
        return withCapabilities(new RdmaCapabilities(
                capabilities.maxPrivateData(),
                capabilities.maxReadsIn(),
                capabilities.maxReadsOut(),
                false,
                capabilities.anyMemory()));
    }

    /** Works with memory of an allocator of its own only, as a device does that wants to know memory before. */
    public MemoryRdmaSettings withOwnMemory() {
        return withCapabilities(new RdmaCapabilities(
                        capabilities.maxPrivateData(),
                        capabilities.maxReadsIn(),
                        capabilities.maxReadsOut(),
                        capabilities.revokesAtOnce(),
                        false))
                .withAllocator(new MemoryRegions());
    }

    public MemoryRdmaSettings withPadding(int zeroes) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, allocator, capabilities, zeroes, maxWindows, maxUntaken, closeTimeout);
    }

    public MemoryRdmaSettings withMaxWindows(int windows) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, allocator, capabilities, padding, windows, maxUntaken, closeTimeout);
    }

    public MemoryRdmaSettings withMaxUntaken(int bytes) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, allocator, capabilities, padding, maxWindows, bytes, closeTimeout);
    }

    public MemoryRdmaSettings withCloseTimeout(Duration timeout) {
        return new MemoryRdmaSettings(
                connectorLoops, acceptorLoops, allocator, capabilities, padding, maxWindows, maxUntaken, timeout);
    }
}
