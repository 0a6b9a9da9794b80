package io.nvmf.observation.micrometer;

import io.nvmf.observation.DiscoveryOperation;

/** What handlers and conventions know of {@link NvmeObservations#DISCOVERY}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class DiscoveryObservationContext extends NvmeObservationContext<DiscoveryOperation> {

    /**
     * A context.
     *
     * @param operation what is observed
     */
    public DiscoveryObservationContext(DiscoveryOperation operation) {
        super(operation);
    }
}
