package io.nvmf.observation.micrometer;

import io.nvmf.observation.TransferOperation;

/** What handlers and conventions know of {@link NvmeObservations#TRANSFER}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class TransferObservationContext extends NvmeObservationContext<TransferOperation> {

    /**
     * A context.
     *
     * @param operation what is observed
     */
    public TransferObservationContext(TransferOperation operation) {
        super(operation);
    }
}
