package io.nvmf.transport.local;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.TransmitVerification;

/** The transport in memory. */
public class LocalTransmitVerification extends TransmitVerification {

    public LocalTransmitVerification() {
        super(new LocalTransport(LocalTransportOptions.defaults()), TransportAddress.of("local", 0));
    }
}
