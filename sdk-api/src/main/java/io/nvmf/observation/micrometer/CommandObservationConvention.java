package io.nvmf.observation.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and values of {@link NvmeObservations#COMMAND}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public interface CommandObservationConvention extends ObservationConvention<CommandObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof CommandObservationContext;
    }
}
