package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;

/** Under which condition a command may be sent again whose association was lost before it was done. */
public enum Repetition {
    /** By nobody but the user. */
    NEVER,
    /** When it has certainly not left: its effect could not be told from that of a second one. */
    IF_NOT_SENT,
    /**
     * Also when it may have been carried out, but not before the lost association can no longer carry it out: its
     * effect is the same however often it is carried out, unless something newer has been written meanwhile.
     */
    AFTER_QUIESCE,
    /** At any time: it has no effect. */
    ALWAYS;

    /**
     * Whether a command of this kind may be sent again, be it later.
     *
     * @param outcome what is known of it
     * @return true also for what has to wait first
     */
    public boolean allowedAfter(CommandOutcome outcome) {
        return switch (outcome) {
            case NOT_SENT -> this != NEVER;
            case UNKNOWN -> this == AFTER_QUIESCE || this == ALWAYS;
            case NOT_CONNECTED, ANSWERED -> false;
        };
    }
}
