package io.nvmf.command;

import io.nvmf.spec.auth.AuthenticationFailure;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An authentication has failed: the controller did not accept this host, this host did not accept the controller, or a
 * key that is needed is not there. Nothing in it is secret.
 *
 * <p>A first connect that fails with this fails at once, however patient the client is, unless the place of the key or
 * the controller may only have been out of reach: then {@link #getCause()} is what the place has failed with, or a status
 * without DNR. After a loss attempts go on as after every other failure, since a key that was changed on one side may
 * arrive on the other. A queue that is up and cannot be authenticated again ends its association.
 */
public final class NvmeAuthenticationException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final @Nullable AuthenticationFailure failure;
    private final boolean fromController;

    /**
     * Creates the failure.
     *
     * @param message what was wrong
     * @param outcome what is known of the work that needed it
     * @param failure reason code explanation of the message that ended the transaction, null if there was none or it has
     *     no name
     * @param fromController whether the controller has ended it
     * @param cause what went wrong below, null if nothing
     */
    public NvmeAuthenticationException(
            String message,
            CommandOutcome outcome,
            @Nullable AuthenticationFailure failure,
            boolean fromController,
            @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.failure = failure;
        this.fromController = fromController;
    }

    /**
     * What the message said that ended the transaction.
     *
     * @return reason code explanation; empty if no message did, or if it has no name
     */
    public Optional<AuthenticationFailure> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Which side ended the transaction.
     *
     * @return true if the controller did, false if this host did
     */
    public boolean isFromController() {
        return fromController;
    }
}
