package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.TransportAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** The same for a provider that can do as little as the contract allows, with both ends on one event loop. */
class MemoryRdmaModestProviderTest extends RdmaProviderTestKit {

    private final EventExecutorGroup loop = new DefaultEventExecutorGroup(1);
    private MemoryRdmaProvider provider;

    @Override
    protected RdmaProvider newProvider(ByteBufAllocator buffers) {
        provider = new MemoryRdmaProvider(MemoryRdmaSettings.defaults()
                .withOwnMemory()
                .withoutRevoking()
                .withPadding(100)
                .withMaxUntaken(1)
                .withLoops(loop, loop));
        return provider;
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("memory", 0);
    }

    @Override
    protected void cut(RdmaConnection connection) {
        provider.link(connection).cut();
    }

    @AfterEach
    void endLoop() {
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
