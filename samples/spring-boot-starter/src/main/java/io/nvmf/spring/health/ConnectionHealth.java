package io.nvmf.spring.health;

import io.nvmf.NvmeController;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionAddress;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.spring.connection.StateWord;
import io.nvmf.spring.health.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The health of one connection. It is up while the connection is live, whatever becomes of the question after the
 * controller's own health: there are controllers that have no such log, and slow ones. Costs one command within the
 * time to live of its answer, and none while there is no controller.
 */
public final class ConnectionHealth {

    private final NvmeConnection connection;
    private final Duration timeout;
    private final boolean failOnCriticalWarning;
    private final SmartReading smart;

    /**
     * The health of a connection.
     *
     * @param connection whose
     * @param timeout how long a check takes at most
     * @param timeToLive how long an answer of the controller counts
     * @param failOnCriticalWarning whether a critical warning takes the connection out of service
     */
    public ConnectionHealth(
            NvmeConnection connection, Duration timeout, Duration timeToLive, boolean failOnCriticalWarning) {
        this.connection = connection;
        this.timeout = timeout;
        this.failOnCriticalWarning = failOnCriticalWarning;
        this.smart = new SmartReading(timeToLive);
    }

    /**
     * Checks. Cold.
     *
     * @return the report, within the timeout; never an error
     */
    public Mono<HealthReport> check() {
        return Mono.defer(() -> LatestState.of(connection)
                .map(this::check)
                .orElseGet(() -> Mono.just(report(Verdict.UNKNOWN, details(StateWord.IDLE)))));
    }

    private Mono<HealthReport> check(ControllerState state) {
        return state instanceof ControllerState.Live live ? live(live) : Mono.just(notLive(state));
    }

    private Mono<HealthReport> live(ControllerState.Live state) {
        AtomicReference<@Nullable NvmeController> found = new AtomicReference<>();
        return connection
                .controller()
                .doOnNext(found::set)
                .flatMap(controller -> smart.of(controller).map(summary -> answered(state, controller, summary)))
                .timeout(timeout)
                .onErrorResume(failure -> Mono.just(unanswered(state, found.get(), failure)));
    }

    private HealthReport answered(ControllerState.Live state, NvmeController controller, SmartReading.Summary summary) {
        Map<String, Object> details = details(state, controller);
        details.put("criticalWarnings", summary.criticalWarnings());
        details.put("temperature", summary.temperature());
        details.put("availableSpare", summary.availableSpare());
        details.put("percentageUsed", summary.percentageUsed());
        boolean failed = failOnCriticalWarning && !summary.criticalWarnings().isEmpty();
        return report(failed ? Verdict.OUT_OF_SERVICE : Verdict.UP, details);
    }

    /** The question may have failed because there is no association any more, so what counts is the state now. */
    private HealthReport unanswered(
            ControllerState.Live asked, @Nullable NvmeController controller, Throwable failure) {
        ControllerState now = LatestState.of(connection).orElse(asked);
        if (!(now instanceof ControllerState.Live live)) {
            return notLive(now);
        }
        if (controller == null) {
            return new HealthReport(Verdict.DOWN, details(StateWord.of(now)), failure);
        }
        Map<String, Object> details = details(live, controller);
        details.put("smart", "unknown");
        details.put(
                "smartReason",
                failure instanceof TimeoutException
                        ? "no answer within " + timeout.toMillis() + " ms"
                        : String.valueOf(failure.getMessage()));
        return report(Verdict.UP, details);
    }

    private HealthReport notLive(ControllerState state) {
        if (state instanceof ControllerState.Reconnecting reconnecting) {
            return reconnecting(reconnecting);
        }
        Map<String, Object> details = details(StateWord.of(state));
        if (state instanceof ControllerState.Connecting connecting) {
            details.put("attempt", connecting.attempt());
        }
        return report(Verdict.DOWN, details);
    }

    /** If its time has come and nobody makes the attempt, it is made: a service that is not up has no other users. */
    private HealthReport reconnecting(ControllerState.Reconnecting state) {
        Map<String, Object> details = details(StateWord.of(state));
        details.put("attempt", state.attempt());
        details.put("next", state.next().toString());
        state.reason().ifPresent(reason -> details.put("reason", String.valueOf(reason.getMessage())));
        if (!state.next().isAfter(Instant.now())) {
            connection.controller().subscribe(controller -> {}, failure -> {});
        }
        return report(Verdict.DOWN, details);
    }

    private Map<String, Object> details(ControllerState.Live state, NvmeController controller) {
        Map<String, Object> details = details(StateWord.of(state));
        details.put("controller", controller.id());
        details.put("association", state.generation());
        return details;
    }

    private Map<String, Object> details(String state) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("state", state);
        details.put("address", ConnectionAddress.of(connection));
        return details;
    }

    private static HealthReport report(Verdict verdict, Map<String, Object> details) {
        return new HealthReport(verdict, details, null);
    }
}
