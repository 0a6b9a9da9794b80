package io.nvmf.rdma;

import io.nvmf.rdma.testing.MemoryRdmaSettings;

/** What every transport proves, where only the controller or the end of the connection takes memory back. */
class RdmaWithoutRevokingTest extends RdmaTransportTest {

    @Override
    MemoryRdmaSettings rdma() {
        return super.rdma().withoutRevoking();
    }
}
