package io.nvmf.tcp;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.ChangingTarget;

/** Events over NVMe/TCP. */
class EventsOverTcpTest extends ChangingTarget {

    @Override
    protected TransportType transport() {
        return TransportType.TCP;
    }
}
