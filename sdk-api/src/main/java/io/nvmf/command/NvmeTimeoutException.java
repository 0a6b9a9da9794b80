package io.nvmf.command;

import java.time.Duration;

/** A deadline passed. */
public final class NvmeTimeoutException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final Duration duration;

    /**
     * Creates the exception.
     *
     * @param message what took too long
     * @param outcome what is known of the work that failed
     * @param duration the time allowed
     */
    public NvmeTimeoutException(String message, CommandOutcome outcome, Duration duration) {
        super(message, outcome, null);
        this.duration = duration;
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
