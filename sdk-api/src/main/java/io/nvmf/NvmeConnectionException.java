package io.nvmf;

import io.nvmf.transport.Termination;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The connection to the controller could not be made, ended, or is closed. */
public final class NvmeConnectionException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final CommandOutcome outcome;

    /** Not serialized: a diagnosis for this process. */
    private final transient @Nullable Termination termination;

    NvmeConnectionException(
            String message, CommandOutcome outcome, @Nullable Termination termination, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
        this.termination = termination;
    }

    /**
     * What is known of the work that failed.
     *
     * @return the outcome
     */
    public CommandOutcome outcome() {
        return outcome;
    }

    /**
     * How the connection ended.
     *
     * @return empty if it never came up, or was not known yet
     */
    public Optional<Termination> termination() {
        return Optional.ofNullable(termination);
    }
}
