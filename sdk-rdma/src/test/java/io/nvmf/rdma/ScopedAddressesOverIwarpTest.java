package io.nvmf.rdma;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.ScopedAddresses;

/** IPv6 addresses with a scope over NVMe/RDMA and iWARP. */
class ScopedAddressesOverIwarpTest extends ScopedAddresses {

    @Override
    protected TransportType transport() {
        return TransportType.RDMA;
    }
}
