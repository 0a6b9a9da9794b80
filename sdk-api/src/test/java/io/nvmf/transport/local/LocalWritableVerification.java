package io.nvmf.transport.local;

import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.WritableVerification;

/** The transport in memory. */
public class LocalWritableVerification extends WritableVerification {

    public LocalWritableVerification() {
        super(new LocalTransport(LocalTransportOptions.defaults()), TransportAddress.of("local", 0));
    }
}
