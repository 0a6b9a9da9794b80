package io.nvmf.rdma;

import io.nvmf.rdma.testing.MemoryRdmaProvider;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.testkit.WritableVerification;

/** Over RDMA within this JVM. */
public class RdmaWritableVerification extends WritableVerification {

    public RdmaWritableVerification() {
        super(new RdmaTransportProvider(new MemoryRdmaProvider()), TransportAddress.of("memory", 0));
    }
}
