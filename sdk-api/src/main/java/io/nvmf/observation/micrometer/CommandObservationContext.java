package io.nvmf.observation.micrometer;

import io.nvmf.observation.CommandOperation;

/** What handlers and conventions know of {@link NvmeObservations#COMMAND}. */
@SuppressWarnings("exports") // a program without Micrometer must not need it to compile
public final class CommandObservationContext extends NvmeObservationContext<CommandOperation> {

    /**
     * A context.
     *
     * @param operation what is observed
     */
    public CommandObservationContext(CommandOperation operation) {
        super(operation);
    }
}
