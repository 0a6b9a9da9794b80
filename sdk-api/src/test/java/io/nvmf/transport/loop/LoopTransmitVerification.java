package io.nvmf.transport.loop;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.TransmitVerification;

/** The transport in memory. */
public class LoopTransmitVerification extends TransmitVerification {

    public LoopTransmitVerification() {
        super(new LoopTransport(LoopTransportOptions.defaults()), TransportAddress.of("local", 0));
    }
}
