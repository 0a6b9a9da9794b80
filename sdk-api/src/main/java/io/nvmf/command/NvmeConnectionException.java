package io.nvmf.command;

import io.nvmf.transport.Termination;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The connection to the controller could not be made, ended, or is closed. */
public final class NvmeConnectionException extends NvmeException {

    private static final long serialVersionUID = 1L;

    /** Not serialized: a diagnosis for this process. */
    private final transient @Nullable Termination termination;

    /**
     * Creates the exception.
     *
     * @param message what failed and what to do about it
     * @param outcome what is known of the work that failed
     * @param termination how the connection ended; null if it never came up, or if that is not known yet
     * @param cause what it was noticed by, or null
     */
    public NvmeConnectionException(
            String message, CommandOutcome outcome, @Nullable Termination termination, @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.termination = termination;
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
