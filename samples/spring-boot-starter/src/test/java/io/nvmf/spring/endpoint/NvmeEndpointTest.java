package io.nvmf.spring.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spring.StubConnection;
import io.nvmf.spring.connection.ConnectionsByName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** It answers in time, whatever controllers do. */
class NvmeEndpointTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NQN = "nqn.2026-01.com.example:disks";

    private final BoundTarget target =
            NvmeTarget.memory(NQN, 1 << 20, 512).bind().block(LIMIT);
    private final NvmeClient client = NvmeClient.from(target.uri(NQN));

    @AfterEach
    void close() {
        target.close().block(LIMIT);
    }

    @SuppressWarnings("unchecked") // maps all the way down
    private Map<String, Object> told(Mono<NvmeController> controller) {
        StubConnection connection =
                new StubConnection(client, controller, new AtomicReference<>(new ControllerState.Live(3)));
        Map<String, Object> all = new NvmeEndpoint(
                        new ConnectionsByName(() -> List.of(connection)), Duration.ofMillis(50))
                .connections()
                .block(LIMIT);
        return (Map<String, Object>) ((Map<String, Object>) all.get("connections")).get("default");
    }

    @Test
    void aControllerThatDoesNotTellItsNamespacesIsToldWithoutThem() {
        NvmeController controller = client.connect().block(LIMIT);

        assertThat(told(Mono.just(StubConnection.with(controller, "namespaces", Flux.never()))))
                .containsEntry("state", "live")
                .containsEntry("association", 3)
                .containsEntry("namespacesReason", "no answer within 50 ms")
                .containsKey("controller")
                .doesNotContainKey("namespaces");
    }

    @Test
    void aConnectionThatGivesNoControllerIsToldWithTheReason() {
        assertThat(told(Mono.error(new IllegalStateException("none"))))
                .containsEntry("state", "live")
                .containsEntry("reason", "none")
                .doesNotContainKey("controller");
        assertThat(told(Mono.never())).containsEntry("reason", "no answer within 50 ms");
    }
}
