package io.nvmf.metrics;

import io.nvmf.event.NvmeEvent;
import io.nvmf.recovery.ControllerState;

/** Measures one controller over all of its associations. Calls come one after the other, on event loops. */
public interface ControllerMetrics {

    /**
     * There is a new association, which is ready for commands. What measured the one before hears nothing new, but may
     * hear of the end of what it has heard the beginning of.
     *
     * @param controllerId CNTLID, 0..65,519; mostly another one than before
     * @return what measures the association
     */
    AssociationMetrics association(int controllerId);

    /**
     * The controller is in another state. Nothing follows a {@linkplain ControllerState#isFinal final} one.
     *
     * @param state the new state
     */
    default void state(ControllerState state) {}

    /**
     * The controller has told of something by itself.
     *
     * @param event what subscribers to the events are told
     */
    default void event(NvmeEvent event) {}
}
