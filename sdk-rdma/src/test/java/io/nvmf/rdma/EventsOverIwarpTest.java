package io.nvmf.rdma;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.ChangingTarget;

/** Events over NVMe/RDMA and iWARP. */
class EventsOverIwarpTest extends ChangingTarget {

    EventsOverIwarpTest() {
        super(TransportType.RDMA);
    }
}
