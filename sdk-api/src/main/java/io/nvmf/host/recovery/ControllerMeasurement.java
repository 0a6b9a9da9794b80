package io.nvmf.host.recovery;

import io.nvmf.event.NvmeEvent;
import io.nvmf.host.association.Association;
import io.nvmf.host.association.AssociationParameters;
import io.nvmf.host.queue.Dropped;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.metrics.ControllerMetrics;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.recovery.ControllerState;
import io.nvmf.transport.JvmFailures;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

/**
 * Tells the recorder of the user's, if there is one, what becomes of a controller. What the recorder throws disturbs
 * nobody, and ends the measuring of this controller. Any thread, but one call after the other.
 */
final class ControllerMeasurement {

    private final @Nullable MetricsRecorder recorder;

    /** Null before the controller is connected, and when there is nobody to tell. */
    private volatile @Nullable ControllerMetrics metrics;

    ControllerMeasurement(@Nullable MetricsRecorder recorder) {
        this.recorder = recorder;
    }

    /** The controller is connected for the first time. */
    void begin(AssociationParameters parameters, Association first) {
        if (recorder == null) {
            return;
        }
        try {
            metrics = recorder.controller(parameters.subsystemNqn(), parameters.address());
        } catch (Throwable thrown) {
            broken(thrown);
        }
        associated(first);
    }

    /** There is an association. */
    void associated(Association association) {
        tell(listener -> {
            AssociationMetrics next = listener.association(association.controllerId());
            association.measure(next);
        });
    }

    void state(ControllerState state) {
        tell(listener -> listener.state(state));
    }

    void event(NvmeEvent event) {
        tell(listener -> listener.event(event));
    }

    private void tell(Consumer<ControllerMetrics> call) {
        ControllerMetrics listener = metrics;
        if (listener != null) {
            try {
                call.accept(listener);
            } catch (Throwable thrown) {
                broken(thrown);
            }
        }
    }

    private void broken(Throwable thrown) {
        metrics = null;
        JvmFailures.throwIfJvmFailure(thrown);
        Dropped.error(thrown, Context.empty());
    }
}
