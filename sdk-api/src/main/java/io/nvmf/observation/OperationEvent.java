package io.nvmf.observation;

/** What can happen during an operation. */
public enum OperationEvent {
    /** A recovery makes an attempt to connect, see {@link RecoveryOperation#attempts()}. */
    ATTEMPT,
    /** The attempt has failed, see {@link RecoveryOperation#lastFailure()}. */
    ATTEMPT_FAILED,
    /** The first bytes of a transfer have arrived at the subscriber, or are known written. */
    FIRST_DATA,
    /** A command has a slot of its queue. */
    QUEUED,
    /** A command capsule has become bytes of the connection. */
    WRITTEN,
    /** The controller asks for data of a write (R2T). */
    DATA_REQUESTED,
    /** The transfer of the data of a command is over. */
    DATA_MOVED,
    /** The controller has answered. */
    ANSWERED
}
