package io.nvmf.security.dhchap;

/** Where a transaction is. */
public enum TransactionState {
    /** Messages have to be exchanged. */
    RUNNING,
    /** Everybody who had to has proved who they are. */
    AUTHENTICATED,
    /** It has ended in failure; the queue has to be given up. */
    FAILED
}
