package io.nvmf;

import io.nvmf.observation.Operation;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;

/** What all operations of a client have in common. */
abstract class ObservedDetails implements Operation {

    private final Operation client;

    ObservedDetails(Operation client) {
        this.client = client;
    }

    @Override
    public final String subsystem() {
        return client.subsystem();
    }

    @Override
    public final TransportType transport() {
        return client.transport();
    }

    @Override
    public final TransportAddress address() {
        return client.address();
    }
}
