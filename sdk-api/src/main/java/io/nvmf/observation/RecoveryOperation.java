package io.nvmf.observation;

import java.util.Optional;

/** An association was lost or is being reset, and a new one is made. Completed when there is one. */
public interface RecoveryOperation extends Operation {

    /** Why a new association is made. */
    enum Cause {
        /** The one before was lost. */
        LOSS,
        /** The user has asked for a reset. */
        RESET
    }

    /**
     * Why a new association is made.
     *
     * @return loss or reset
     */
    Cause cause();

    /**
     * The controller of the association before, and of the new one from {@link OperationOutcome#COMPLETED} on.
     *
     * @return CNTLID, 0..65,519
     */
    int controllerId();

    /**
     * Attempts to connect that have begun.
     *
     * @return a number from 0
     */
    int attempts();

    /**
     * Why the last attempt failed, or the association before the first one ended.
     *
     * @return the reason; empty after a reset
     */
    Optional<Throwable> lastFailure();
}
