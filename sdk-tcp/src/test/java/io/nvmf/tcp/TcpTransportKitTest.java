package io.nvmf.tcp;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOption;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.testkit.TransportTestKit;
import java.util.Optional;

/** What every transport proves, over loopback and with default options. */
class TcpTransportKitTest extends TransportTestKit {

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new TcpTransportProvider();
    }

    @Override
    protected TransportAddress listenAddress() {
        return TransportAddress.of("127.0.0.1", 0);
    }

    @Override
    protected Optional<TransportOption<Integer>> receiveLimit() {
        return Optional.of(TcpOptions.MAX_R2T);
    }

    /** R2Ts of a command come in ascending order; a host of ours ends the connection otherwise. */
    @Override
    protected boolean fetchesInAnyOrder() {
        return false;
    }
}
