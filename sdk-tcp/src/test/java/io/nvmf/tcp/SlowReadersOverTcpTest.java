package io.nvmf.tcp;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.testing.SlowReaders;

/** Slow readers over NVMe/TCP. */
class SlowReadersOverTcpTest extends SlowReaders {

    @Override
    protected NvmeTarget on(NvmeTarget target) {
        return target.bindAddress("127.0.0.1", 0);
    }

    @Override
    protected NvmeClient on(NvmeClient client) {
        return client;
    }
}
