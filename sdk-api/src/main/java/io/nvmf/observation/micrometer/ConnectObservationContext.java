package io.nvmf.observation.micrometer;

import io.nvmf.observation.ConnectOperation;

/** What handlers and conventions know of {@link NvmeObservations#CONNECT}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class ConnectObservationContext extends NvmeObservationContext<ConnectOperation> {

    /**
     * A context.
     *
     * @param operation what is observed
     */
    public ConnectObservationContext(ConnectOperation operation) {
        super(operation);
    }
}
