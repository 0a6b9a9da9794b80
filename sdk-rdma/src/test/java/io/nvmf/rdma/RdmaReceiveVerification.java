package io.nvmf.rdma;

import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.ReceiveVerification;

/** Data that an RDMA read gets, within this JVM. */
public class RdmaReceiveVerification extends ReceiveVerification {

    public RdmaReceiveVerification() {
        super(new RdmaTransportProvider(new MemoryRdmaProvider()), TransportAddress.of("memory", 0), 10_000);
    }
}
