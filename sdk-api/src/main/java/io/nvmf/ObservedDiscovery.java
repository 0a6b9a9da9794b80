package io.nvmf;

import io.nvmf.observation.DiscoveryOperation;
import io.nvmf.observation.Operation;
import io.nvmf.spec.DiscoveryLogEntry;
import java.util.List;

/** What an observer sees of a client that reads a discovery log page. */
final class ObservedDiscovery extends ObservedDetails implements DiscoveryOperation {

    private volatile int entries;

    ObservedDiscovery(Operation client) {
        super(client);
    }

    void found(List<DiscoveryLogEntry> page) {
        entries = page.size();
    }

    @Override
    public int entries() {
        return entries;
    }
}
