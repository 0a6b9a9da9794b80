package io.nvmf.tcp;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.ReceiveVerification;

/** Data that an R2T asks for, over loopback. */
public class TcpReceiveVerification extends ReceiveVerification {

    public TcpReceiveVerification() {
        super(new TcpTransportProvider(), TransportAddress.of("127.0.0.1", 0), 10_000);
    }
}
