package io.nvmf.observation.micrometer;

import io.micrometer.observation.Observation;
import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationObserver;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.observation.micrometer.NvmeObservations.Event;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/** An observation that was started, and ends with its operation. */
final class ObservationOfOperation implements OperationObserver {

    private final Observation observation;
    private final NvmeObservationContext<?> context;

    ObservationOfOperation(Observation observation, NvmeObservationContext<?> context) {
        this.observation = observation;
        this.context = context;
    }

    @Override
    public Context context(Context subscriber) {
        return subscriber.put(MicrometerObserver.KEY, observation);
    }

    @Override
    public void event(OperationEvent event) {
        observation.event(documented(event));
    }

    private static Event documented(OperationEvent event) {
        return switch (event) {
            case ATTEMPT -> Event.ATTEMPT;
            case ATTEMPT_FAILED -> Event.ATTEMPT_FAILED;
            case FIRST_DATA -> Event.FIRST_DATA;
            case QUEUED -> Event.QUEUED;
            case WRITTEN -> Event.WRITTEN;
            case DATA_REQUESTED -> Event.R2T;
            case DATA_MOVED -> Event.DATA;
            case ANSWERED -> Event.COMPLETED;
        };
    }

    @Override
    public void end(OperationOutcome outcome, @Nullable Throwable failure) {
        context.outcome(outcome);
        if (failure != null) {
            observation.error(failure);
        }
        observation.stop();
    }
}
