package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nvmf.samples.webflux.connection.AssociationStatus;
import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.subsystem.BlockStore;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests when the target goes away. */
class TargetLossTest {

    private static final int SIZE = 16 << 20;

    private final byte[] content = new byte[SIZE];
    private GatewayUnderTest gateway;

    @BeforeEach
    void start() {
        new Random(3).nextBytes(content);
        gateway = GatewayUnderTest.start(
                Map.of(1, BlockStore.memory(SIZE, 4096)),
                "--gateway.recovery-limit=1s",
                "--nvmf.client.recovery.max-delay=200ms");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aDownloadGoesOnWhenTheTargetIsBack() throws Exception {
        gateway.client()
                .put()
                .uri("/api/namespaces/1/data")
                .bodyValue(content)
                .exchange()
                .expectStatus()
                .isOk();
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("GET /api/namespaces/1/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200");
            byte[] first = client.read(2 << 20);
            gateway.stopTarget();
            awaitState("reconnecting", "connecting");
            gateway.restartTarget();
            byte[] rest = client.read(SIZE - first.length);

            assertThat(first).isEqualTo(Arrays.copyOf(content, first.length));
            assertThat(rest).isEqualTo(Arrays.copyOfRange(content, first.length, SIZE));
        }
    }

    @Test
    void anUploadGoesOnWhenTheTargetIsBack() throws Exception {
        int half = SIZE / 2;
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE);
            client.send(Arrays.copyOf(content, half));
            Awaitility.await()
                    .until(() -> gateway.transfers().active().stream()
                            .mapToLong(TransferView::bytes)
                            .anyMatch(bytes -> bytes > 0));
            gateway.stopTarget();
            awaitState("reconnecting", "connecting");
            gateway.restartTarget();
            client.send(Arrays.copyOfRange(content, half, SIZE));

            assertThat(client.head()).startsWith("http/1.1 200");
        }
        gateway.client()
                .get()
                .uri("/api/namespaces/1/data")
                .exchange()
                .expectBody(byte[].class)
                .isEqualTo(content);
    }

    @Test
    void withoutATargetClientsAreToldToComeAgain() {
        gateway.stopTarget();
        AssociationStatus status = gateway.context().getBean(AssociationStatus.class);
        Awaitility.await().until(() -> catchThrowable(status::requireHope) != null); // until then they wait
        gateway.client()
                .get()
                .uri("/api/namespaces/1/data")
                .exchange()
                .expectStatus()
                .isEqualTo(503)
                .expectHeader()
                .valueMatches("Retry-After", "[1-9][0-9]*")
                .expectBody()
                .jsonPath("$.detail")
                .value(String.class, detail -> assertThat(detail).contains("no association"));
        gateway.restartTarget();
        Awaitility.await()
                .untilAsserted(() -> gateway.client()
                        .get()
                        .uri("/api/namespaces/1")
                        .exchange()
                        .expectStatus()
                        .isOk());
    }

    private void awaitState(String... any) {
        AssociationStatus status = gateway.context().getBean(AssociationStatus.class);
        Awaitility.await().until(() -> Arrays.asList(any).contains(status.now().state()));
    }
}
