package io.nvmf.rdma;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.rdma.testing.MemoryRdmaSettings;
import io.nvmf.transport.TransportProvider;

/** What every transport proves, where the provider reaches none of the kit's memory and little of its own. */
class RdmaBouncedTest extends RdmaTransportTest {

    @Override
    MemoryRdmaSettings rdma() {
        return super.rdma().withCapabilities(new RdmaCapabilities(32, 4, 4, true, false));
    }

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new RdmaTransportProvider(new MemoryRdmaProvider(rdma()));
    }
}
