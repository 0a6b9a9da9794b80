package io.nvmf.rdma.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaProvider;
import io.nvmf.transport.TransportAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

class MemoryRdmaProviderTest extends RdmaProviderTestKit {

    /** Enough for the ones that tests end. */
    private final EventExecutorGroup connectors = new DefaultEventExecutorGroup(3);

    private final EventExecutorGroup acceptors = new DefaultEventExecutorGroup(3);
    private MemoryRdmaProvider provider;

    @Override
    protected RdmaProvider newProvider(ByteBufAllocator buffers) {
        provider = new MemoryRdmaProvider(
                MemoryRdmaSettings.defaults().withAllocator(buffers).withLoops(connectors, acceptors));
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

    @Override
    protected boolean ownsEventLoops() {
        return true;
    }

    @AfterEach
    void endLoops() {
        connectors.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        acceptors.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
}
