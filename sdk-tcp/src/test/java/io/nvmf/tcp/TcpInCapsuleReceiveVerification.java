package io.nvmf.tcp;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.ReceiveVerification;

/** Data that has come within the capsule, over loopback. */
public class TcpInCapsuleReceiveVerification extends ReceiveVerification {

    public TcpInCapsuleReceiveVerification() {
        super(new TcpTransportProvider(), TransportAddress.of("127.0.0.1", 0), 1000);
    }
}
