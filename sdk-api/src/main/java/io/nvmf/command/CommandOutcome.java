package io.nvmf.command;

/** What is known of work that failed. */
public enum CommandOutcome {
    /** There was no association yet, so no command of the caller can have been carried out. */
    NOT_CONNECTED,
    /** The command never left this host: sending it again is safe. */
    NOT_SENT,
    /**
     * The command left and was not answered: it may or may not have been carried out, and the controller may even carry
     * it out later, until its keep alive timeout has passed. Only idempotent commands may be sent again.
     */
    UNKNOWN,
    /** The controller answered: nothing is open, and the status says what became of the command. */
    ANSWERED
}
