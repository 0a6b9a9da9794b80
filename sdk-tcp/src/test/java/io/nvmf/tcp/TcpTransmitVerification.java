package io.nvmf.tcp;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.TransmitVerification;

/** Over loopback. */
public class TcpTransmitVerification extends TransmitVerification {

    public TcpTransmitVerification() {
        super(new TcpTransportProvider(), TransportAddress.of("127.0.0.1", 0));
    }
}
