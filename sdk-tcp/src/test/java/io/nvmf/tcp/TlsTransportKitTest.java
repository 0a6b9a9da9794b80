package io.nvmf.tcp;

import io.netty.buffer.ByteBufAllocator;
import io.nvmf.transport.TransportProvider;

/** What every transport proves, over TLS. */
class TlsTransportKitTest extends TcpTransportKitTest {

    @Override
    protected TransportProvider newProvider(ByteBufAllocator buffers) {
        return new OverTls();
    }
}
