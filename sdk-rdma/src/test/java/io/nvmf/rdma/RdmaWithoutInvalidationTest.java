package io.nvmf.rdma;

import io.nvmf.transport.TransportOptions;

/** What every transport proves, where the host takes its memory back by itself. */
class RdmaWithoutInvalidationTest extends RdmaTransportTest {

    @Override
    protected TransportOptions hostOptions() {
        return super.hostOptions().with(RdmaOptions.REMOTE_INVALIDATION, false);
    }
}
