package io.nvmf.observation.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and values of {@link NvmeObservations#TRANSFER}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public interface TransferObservationConvention extends ObservationConvention<TransferObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof TransferObservationContext;
    }
}
