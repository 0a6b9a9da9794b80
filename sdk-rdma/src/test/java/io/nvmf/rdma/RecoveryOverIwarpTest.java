package io.nvmf.rdma;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.RecoveringController;

/** Recovery over NVMe/RDMA and iWARP. */
class RecoveryOverIwarpTest extends RecoveringController {

    @Override
    protected TransportType transport() {
        return TransportType.RDMA;
    }
}
