package io.nvmf.transport.loop;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.WritableVerification;

/** The transport in memory. */
public class LoopWritableVerification extends WritableVerification {

    public LoopWritableVerification() {
        super(new LoopTransport(LoopTransportOptions.defaults()), TransportAddress.of("local", 0));
    }
}
