package io.nvmf.spring.health;

import io.nvmf.NvmeController;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.ConnectionAddress;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.spring.health.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * The health of one connection. Costs one command within the time to live of its answer, and none while there is no
 * controller.
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
                .orElseGet(() -> Mono.just(report(Verdict.UNKNOWN, details("idle")))));
    }

    private Mono<HealthReport> check(ControllerState state) {
        if (state instanceof ControllerState.Live live) {
            Map<String, Object> details = details("live");
            return connection
                    .controller()
                    .flatMap(controller -> live(controller, live, details))
                    .timeout(timeout)
                    .onErrorResume(failure -> Mono.just(down(details, failure)));
        }
        if (state instanceof ControllerState.Reconnecting reconnecting) {
            return Mono.just(reconnecting(reconnecting));
        }
        if (state instanceof ControllerState.Connecting connecting) {
            Map<String, Object> details = details("connecting");
            details.put("attempt", connecting.attempt());
            return Mono.just(report(Verdict.DOWN, details));
        }
        return Mono.just(report(Verdict.DOWN, details(word(state))));
    }

    private Mono<HealthReport> live(NvmeController controller, ControllerState.Live live, Map<String, Object> details) {
        details.put("controller", controller.id());
        details.put("association", live.generation());
        return smart.of(controller).map(summary -> {
            details.put("criticalWarnings", summary.criticalWarnings());
            details.put("temperature", summary.temperature());
            details.put("availableSpare", summary.availableSpare());
            details.put("percentageUsed", summary.percentageUsed());
            boolean failed =
                    failOnCriticalWarning && !summary.criticalWarnings().isEmpty();
            return report(failed ? Verdict.OUT_OF_SERVICE : Verdict.UP, details);
        });
    }

    /** If its time has come and nobody makes the attempt, it is made: a service that is not up has no other users. */
    private HealthReport reconnecting(ControllerState.Reconnecting state) {
        Map<String, Object> details = details("reconnecting");
        details.put("attempt", state.attempt());
        details.put("next", state.next().toString());
        state.reason().ifPresent(reason -> details.put("reason", String.valueOf(reason.getMessage())));
        if (!state.next().isAfter(Instant.now())) {
            connection.controller().subscribe(controller -> {}, failure -> {});
        }
        return report(Verdict.DOWN, details);
    }

    private HealthReport down(Map<String, Object> details, Throwable failure) {
        if (failure instanceof TimeoutException) {
            details.put("reason", "no answer within " + timeout.toMillis() + " ms");
            return report(Verdict.DOWN, details);
        }
        return new HealthReport(Verdict.DOWN, details, failure);
    }

    private Map<String, Object> details(String state) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("state", state);
        details.put("address", ConnectionAddress.of(connection));
        return details;
    }

    private static String word(ControllerState state) {
        if (state instanceof ControllerState.Resetting) {
            return "resetting";
        }
        return state instanceof ControllerState.Lost ? "lost" : "closed";
    }

    private static HealthReport report(Verdict verdict, Map<String, Object> details) {
        return new HealthReport(verdict, details, null);
    }
}
