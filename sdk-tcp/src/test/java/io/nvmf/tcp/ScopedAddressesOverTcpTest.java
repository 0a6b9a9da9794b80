package io.nvmf.tcp;

import io.nvmf.spec.TransportType;
import io.nvmf.testing.ScopedAddresses;

/** IPv6 addresses with a scope over NVMe/TCP. */
class ScopedAddressesOverTcpTest extends ScopedAddresses {

    @Override
    protected TransportType transport() {
        return TransportType.TCP;
    }
}
