package io.nvmf.rdma;

import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.TransmitVerification;

/** Over RDMA within this JVM. */
public class RdmaTransmitVerification extends TransmitVerification {

    public RdmaTransmitVerification() {
        super(new RdmaTransportProvider(new MemoryRdmaProvider()), TransportAddress.of("memory", 0));
    }
}
