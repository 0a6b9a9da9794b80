package io.nvmf.transport;

import io.nvmf.spec.Status;

/** What became of data given to {@link ReceivedCommand#send}, and so what the controller does next. */
public sealed interface SendOutcome {

    /** Accepted; more data is expected: continue with the next part. */
    SendOutcome MORE = new More();

    /** Accepted, and that was the last byte: send the response capsule. */
    SendOutcome COMPLETE = new Complete();

    /** Accepted, and the success went with the last byte: a response capsule must not be sent. */
    SendOutcome COMPLETE_SUCCESS_SENT = new CompleteSuccessSent();

    /** See {@link #MORE}. */
    record More() implements SendOutcome {}

    /** See {@link #COMPLETE}. */
    record Complete() implements SendOutcome {}

    /** See {@link #COMPLETE_SUCCESS_SENT}. */
    record CompleteSuccessSent() implements SendOutcome {}

    /**
     * Refused, nothing was sent: answer the command with this status.
     *
     * @param status why
     */
    record Rejected(Status status) implements SendOutcome {}
}
