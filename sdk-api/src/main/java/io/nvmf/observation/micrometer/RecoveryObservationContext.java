package io.nvmf.observation.micrometer;

import io.nvmf.observation.RecoveryOperation;

/** What handlers and conventions know of {@link NvmeObservations#RECOVERY}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class RecoveryObservationContext extends NvmeObservationContext<RecoveryOperation> {

    /**
     * A context.
     *
     * @param operation what is observed
     */
    public RecoveryObservationContext(RecoveryOperation operation) {
        super(operation);
    }
}
