package io.nvmf.tcp;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.RecoveringController;

/** Recovery over NVMe/TCP. */
class RecoveryOverTcpTest extends RecoveringController {

    @Override
    protected TransportType transport() {
        return TransportType.TCP;
    }
}
