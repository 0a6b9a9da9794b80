package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.testkit.TransportTestKit;
import java.util.Optional;
import java.util.function.Consumer;

class LoopTransportKitTest extends TransportTestKit {

    private LoopTransport transport;

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        transport = new LoopTransport(LoopTransportOptions.defaults().withAllocator(buffers));
        return transport;
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("local", 0);
    }

    @Override
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.of(LoopTransportOptions.MAX_RECEIVES);
    }

    @Override
    protected void alterNextCommand(HostQueuePair host, Consumer<ByteBuf> alteration) {
        transport.connections().stream()
                .filter(connection -> connection.host() == host)
                .findFirst()
                .orElseThrow()
                .alterNextCommand(alteration);
    }
}
