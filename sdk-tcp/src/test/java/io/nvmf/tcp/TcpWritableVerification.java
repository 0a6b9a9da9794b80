package io.nvmf.tcp;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.WritableVerification;

/** Over loopback. */
public class TcpWritableVerification extends WritableVerification {

    public TcpWritableVerification() {
        super(new TcpTransportProvider(), TransportAddress.of("127.0.0.1", 0));
    }
}
