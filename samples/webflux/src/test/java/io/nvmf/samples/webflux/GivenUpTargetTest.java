package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.subsystem.BlockStore;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What clients are told when an association is lost and nothing is repeated. */
class GivenUpTargetTest {

    private static final long SIZE = 10L << 30;

    private static GatewayUnderTest gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(
                Map.of(1, BlockStore.nullBlocks(SIZE, 4096)), "--nvmf.client.recovery.enabled=false");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    /** What a test before this one has cut off is given up, and another controller takes its place a little later. */
    @BeforeEach
    void isConnected() {
        WebTestClient client = gateway.client();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> client.get()
                        .uri("/api/namespaces/1")
                        .exchange()
                        .expectBody()
                        .returnResult()
                        .getStatus()
                        .is2xxSuccessful());
    }

    @Test
    void aDownloadEndsBeforeItsLengthIsReached() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("GET /api/namespaces/1/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200").contains("content-length: " + SIZE);
            client.read(1 << 20);
            gateway.cutConnections();
            client.input().transferTo(OutputStream.nullOutputStream()); // comes to an end
        }
        Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
    }

    @Test
    void anUploadIsAnsweredWithWhatIsWrittenAndWhatIsInDoubt() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE);
            client.send(new byte[1 << 20]);
            Awaitility.await()
                    .until(() -> gateway.transfers().active().stream()
                            .mapToLong(TransferView::bytes)
                            .anyMatch(bytes -> bytes > 0));
            gateway.cutConnections();
            String head = client.head();
            assertThat(head).containsPattern("^http/1.1 50[23]").contains("application/problem+json");
            int length = Integer.parseInt(head.replaceAll("(?s).*content-length: ([0-9]+).*", "$1"));
            assertThat(new String(client.read(length), StandardCharsets.UTF_8))
                    .contains("\"report\":", "\"bytesWritten\":", "\"inDoubt\":");
        }
    }
}
