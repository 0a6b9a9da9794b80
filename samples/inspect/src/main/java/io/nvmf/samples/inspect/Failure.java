package io.nvmf.samples.inspect;

import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.StatusCode;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * A failure as people see it.
 *
 * @param exit exit code
 * @param text what has happened, in one line
 * @param hint what may help
 */
record Failure(int exit, String text, Optional<String> hint) {

    /** The connection could not be made or broke, there was no answer, or nobody to print it for. */
    static final int FAILED = 1;

    /** Wrong options. */
    static final int USAGE = 2;

    /** The other side has answered: there is no such thing, or it is not for us. */
    static final int REFUSED = 3;

    /** {@return empty for a defect of this program} */
    static Optional<Failure> of(Throwable failure) {
        if (failure instanceof NvmeStatusException status) {
            return Optional.of(
                    new Failure(REFUSED, message(failure), status.statusCode().flatMap(Failure::hint)));
        }
        if (failure instanceof NvmeConnectionException || failure instanceof NvmeTimeoutException) {
            return Optional.of(new Failure(
                    FAILED,
                    message(failure),
                    Optional.of("is there a target at this address? NVMe/TCP has port 4420, discovery 8009")));
        }
        if (failure instanceof NvmeException) {
            return Optional.of(new Failure(FAILED, message(failure), Optional.empty()));
        }
        if (failure instanceof UncheckedIOException) {
            return Optional.of(new Failure(FAILED, message(failure), Optional.empty()));
        }
        if (failure instanceof IllegalArgumentException) {
            return Optional.of(new Failure(USAGE, message(failure), Optional.empty()));
        }
        return Optional.empty();
    }

    private static String message(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    private static Optional<String> hint(StatusCode code) {
        return Optional.ofNullable(
                switch (code) {
                    case INVALID_NAMESPACE_OR_FORMAT -> "'nvmf-inspect list' has the namespaces that there are";
                    case CONNECT_INVALID_PARAMETERS ->
                        "'nvmf-inspect discover' has the names of the subsystems that there are";
                    case CONNECT_INVALID_HOST ->
                        "the subsystem has a list of hosts; ?host-nqn= in the URI says who is asking";
                    case INVALID_LOG_PAGE -> "the controller does not have this log page";
                    default -> null;
                });
    }
}
