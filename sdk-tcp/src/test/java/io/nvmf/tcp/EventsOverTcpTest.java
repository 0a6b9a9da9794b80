package io.nvmf.tcp;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.ChangingTarget;

/** Events over NVMe/TCP. */
class EventsOverTcpTest extends ChangingTarget {

    EventsOverTcpTest() {
        super(TransportType.TCP);
    }
}
