package io.nvmf.rdma;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.SlowReaders;

/** Slow readers over NVMe/RDMA and iWARP. */
class SlowReadersOverIwarpTest extends SlowReaders {

    @Override
    protected NvmeTarget on(NvmeTarget target) {
        return target.transport(TransportType.RDMA).bindAddress("127.0.0.1", 0);
    }

    @Override
    protected NvmeClient on(NvmeClient client) {
        return client.transport(TransportType.RDMA);
    }
}
