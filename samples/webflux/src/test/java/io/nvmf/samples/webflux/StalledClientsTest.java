package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that stand still in the middle and stay. */
class StalledClientsTest {

    private static GatewayUnderTest gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(
                Map.of(1, BlockStore.memory(1 << 20, 4096), 3, BlockStore.nullBlocks(10L << 30, 4096)),
                "--gateway.idle-timeout=1s");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aClientThatSendsNothingMoreIsNotWaitedFor() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: 5000")
                    .send(new byte[4999]);
            assertThat(client.input().readAllBytes()).isEmpty(); // closed
        }
        Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
    }

    @Test
    void aClientThatTakesNothingMoreIsNotWaitedFor() throws Exception {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            client.send("GET /api/namespaces/3/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200");
            Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
        }
    }
}
