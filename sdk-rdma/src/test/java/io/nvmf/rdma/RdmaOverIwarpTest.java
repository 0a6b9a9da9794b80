package io.nvmf.rdma;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.rdma.iwarp.IwarpProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;

/** What every transport proves, over iWARP and sockets of the loopback interface. */
class RdmaOverIwarpTest extends RdmaTransportTest {

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new RdmaTransportProvider(new IwarpProvider());
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("127.0.0.1", 0);
    }
}
