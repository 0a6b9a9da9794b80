package io.nvmf.command;

import org.jspecify.annotations.Nullable;

/**
 * Every failure of this SDK that is not a wrong argument. The tree is sealed, so a {@code switch} over its seven kinds is
 * complete.
 *
 * <table>
 * <caption>The kinds</caption>
 * <tr><th>Kind</th><th>Meaning</th></tr>
 * <tr><td>{@link NvmeStatusException}</td><td>the controller answered with an error status</td></tr>
 * <tr><td>{@link NvmeConnectionException}</td><td>the connection could not be made, or ended</td></tr>
 * <tr><td>{@link NvmeAuthenticationException}</td><td>a side could not prove who it is</td></tr>
 * <tr><td>{@link NvmeProtocolException}</td><td>a side broke the protocol</td></tr>
 * <tr><td>{@link NvmeLimitException}</td><td>a limit would have been passed; nothing was sent</td></tr>
 * <tr><td>{@link NvmeTimeoutException}</td><td>a deadline passed</td></tr>
 * <tr><td>{@link NvmeTransferException}</td><td>a stream to a namespace ended early; has a report of what is
 * written</td></tr>
 * </table>
 */
public abstract sealed class NvmeException extends RuntimeException
        permits NvmeStatusException,
                NvmeConnectionException,
                NvmeAuthenticationException,
                NvmeProtocolException,
                NvmeLimitException,
                NvmeTimeoutException,
                NvmeTransferException {

    private static final long serialVersionUID = 1L;

    private final CommandOutcome outcome;

    NvmeException(String message, CommandOutcome outcome, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * What is known of the work that failed. Whatever went wrong before an association was up is
     * {@link CommandOutcome#NOT_CONNECTED}.
     *
     * @return the outcome
     */
    public final CommandOutcome outcome() {
        return outcome;
    }
}
