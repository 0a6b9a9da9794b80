package io.nvmf;

import java.time.Duration;

/** A deadline passed. */
public final class NvmeTimeoutException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final CommandOutcome outcome;
    private final Duration duration;

    NvmeTimeoutException(String message, CommandOutcome outcome, Duration duration) {
        super(message, null);
        this.outcome = outcome;
        this.duration = duration;
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
     * How long it had.
     *
     * @return the time allowed
     */
    public Duration duration() {
        return duration;
    }
}
