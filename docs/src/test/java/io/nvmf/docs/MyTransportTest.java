package io.nvmf.docs;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.testkit.TransportTestKit;
import java.util.Optional;

class MyTransportTest extends TransportTestKit {

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new MyTransport(buffers);
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("127.0.0.1", 0);
    }

    @Override
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.of(MyTransport.MAX_RECEIVES);
    }
}
