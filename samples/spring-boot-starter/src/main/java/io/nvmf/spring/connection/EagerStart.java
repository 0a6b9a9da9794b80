package io.nvmf.spring.connection;

import io.nvmf.NvmeController;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Waits for a connection that the application cannot do without. A subsystem that does not answer may be about to: it
 * has the whole time. One that refuses is not asked twice.
 */
public final class EagerStart {

    /** Asking costs nothing while the connection makes its pauses. */
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(50);

    private EagerStart() {}

    /**
     * The controller, within a time.
     *
     * @param connection what to wait for
     * @param timeout for how long
     * @return the controller; {@link ConnectionStartException} if it is not there in time, or cannot be there
     */
    public static Mono<NvmeController> await(NvmeConnection connection, Duration timeout) {
        AtomicReference<Throwable> latest = new AtomicReference<>();
        return Mono.defer(() -> connection.controller())
                .onErrorMap(EagerStart::reason)
                .doOnError(latest::set)
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, BETWEEN_QUESTIONS).filter(EagerStart::canGoAway))
                .timeout(timeout)
                .onErrorMap(failure -> failed(connection, timeout, failure, latest.get()));
    }

    /** Between two attempts a connection tells what the last one has failed with. */
    private static Throwable reason(Throwable failure) {
        return failure instanceof NvmeConnectionException && failure.getCause() instanceof NvmeException reason
                ? reason
                : failure;
    }

    private static boolean canGoAway(Throwable failure) {
        return failure instanceof NvmeConnectionException || failure instanceof NvmeTimeoutException;
    }

    private static ConnectionStartException failed(
            NvmeConnection connection, Duration timeout, Throwable failure, @Nullable Throwable latest) {
        ControllerState state = LatestState.of(connection).orElse(null);
        boolean late = failure instanceof TimeoutException;
        Throwable cause = late && latest != null ? latest : failure;
        String reason = late
                ? "was not there within " + timeout.toMillis() + " ms"
                        + (latest == null ? "" : ": " + latest.getMessage())
                : "is refused: " + failure.getMessage();
        return new ConnectionStartException(connection.name(), ConnectionAddress.of(connection), state, reason, cause);
    }
}
