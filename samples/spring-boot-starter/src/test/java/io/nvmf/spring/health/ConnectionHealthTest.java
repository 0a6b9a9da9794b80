package io.nvmf.spring.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spring.StubConnection;
import io.nvmf.spring.health.HealthReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A controller can be used whatever it says, or does not say, of its own health. */
class ConnectionHealthTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final String NQN = "nqn.2026-01.com.example:disks";

    private final BoundTarget target =
            NvmeTarget.create().subsystem(NQN, options -> options).bind().block(LIMIT);
    private final AtomicReference<ControllerState> state = new AtomicReference<>(new ControllerState.Live(1));
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void close() {
        target.close().block(LIMIT);
    }

    private NvmeClient client(String subsystem) {
        return NvmeClient.from(target.uri(subsystem));
    }

    private ConnectionHealth health(NvmeClient client, Mono<NvmeController> controller, Duration timeout) {
        return new ConnectionHealth(new StubConnection(client, controller, state), timeout, LIMIT, true);
    }

    private NvmeController saying(NvmeController controller, Mono<SmartHealthLog> smart) {
        return StubConnection.with(
                controller, "smartHealth", smart.doOnSubscribe(subscription -> asked.incrementAndGet()));
    }

    private HealthReport check(Mono<SmartHealthLog> smart, Duration timeout) {
        NvmeController controller = client(NQN).connect().block(LIMIT);
        return health(client(NQN), Mono.just(saying(controller, smart)), timeout)
                .check()
                .block(LIMIT);
    }

    @Test
    void aControllerThatDoesNotAnswerTheQuestionIsUp() {
        HealthReport report = check(Mono.never(), SHORT);

        assertThat(report.verdict()).isEqualTo(Verdict.UP);
        assertThat(report.failure()).isNull();
        assertThat(report.details())
                .containsEntry("state", "live")
                .containsEntry("association", 1)
                .containsEntry("smart", "unknown")
                .containsEntry("smartReason", "no answer within 50 ms")
                .containsKey("controller")
                .doesNotContainKey("criticalWarnings");
    }

    @Test
    void aControllerWhoseLogCannotBeReadIsUp() {
        HealthReport report = check(Mono.error(new IllegalStateException("not a log")), LIMIT);

        assertThat(report.verdict()).isEqualTo(Verdict.UP);
        assertThat(report.details()).containsEntry("smart", "unknown").containsEntry("smartReason", "not a log");
    }

    @Test
    void aControllerThatHasNoSuchLogIsUpAndIsAskedOnceInAWhile() {
        NvmeClient discovery = client(Nqn.DISCOVERY);
        NvmeController controller = discovery.connect().block(LIMIT);
        ConnectionHealth health = health(discovery, Mono.just(saying(controller, controller.smartHealth())), LIMIT);

        List<HealthReport> reports = Flux.range(0, 3)
                .concatMap(check -> health.check())
                .collectList()
                .block(LIMIT);

        assertThat(reports).hasSize(3).allSatisfy(report -> {
            assertThat(report.verdict()).isEqualTo(Verdict.UP);
            assertThat(report.details())
                    .containsEntry("smart", "unknown")
                    .hasEntrySatisfying(
                            "smartReason",
                            reason -> assertThat(reason.toString()).containsIgnoringCase("log page"));
        });
        assertThat(asked).hasValue(1);
    }

    @Test
    void aControllerWithoutNamespacesIsUpWithWhatItSaysOfItself() {
        NvmeClient client = client(NQN);

        HealthReport report = health(client, client.connect(), LIMIT).check().block(LIMIT);

        assertThat(report.verdict()).isEqualTo(Verdict.UP);
        assertThat(report.details())
                .containsEntry("criticalWarnings", List.of())
                .doesNotContainKey("smart");
    }

    @Test
    void aConnectionThatIsLostDuringTheCheckIsDown() {
        Mono<SmartHealthLog> lost = Mono.fromRunnable(() -> state.set(
                        new ControllerState.Reconnecting(1, Instant.now().plusSeconds(60), Optional.empty())))
                .then(Mono.error(new IllegalStateException("the connection is gone")));

        HealthReport report = check(lost, LIMIT);

        assertThat(report.verdict()).isEqualTo(Verdict.DOWN);
        assertThat(report.details()).containsEntry("state", "reconnecting").doesNotContainKey("smart");
    }

    @Test
    void aConnectionThatGivesNoControllerIsDown() {
        IllegalStateException reason = new IllegalStateException("none");

        HealthReport report =
                health(client(NQN), Mono.error(reason), LIMIT).check().block(LIMIT);

        assertThat(report.verdict()).isEqualTo(Verdict.DOWN);
        assertThat(report.failure()).isSameAs(reason);
    }
}
