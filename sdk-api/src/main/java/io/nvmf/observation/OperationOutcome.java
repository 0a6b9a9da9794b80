package io.nvmf.observation;

/** How an operation has ended. */
public enum OperationOutcome {
    /** It did what it was to do. */
    COMPLETED,
    /** It failed, and there is an exception that says why. */
    FAILED,
    /** Nobody wanted it any more: the subscriber has cancelled, or the controller was closed. */
    CANCELLED
}
