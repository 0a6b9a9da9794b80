package io.nvmf.tcp;

import io.nvmf.transport.TransportOptions;

/** What every transport proves, over TLS and with both digests. */
class TlsWithDigestsTransportKitTest extends TlsTransportKitTest {

    @Override
    protected TransportOptions hostOptions() {
        return TransportOptions.none().with(TcpOptions.HEADER_DIGEST, true).with(TcpOptions.DATA_DIGEST, true);
    }
}
