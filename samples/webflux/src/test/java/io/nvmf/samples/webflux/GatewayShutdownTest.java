package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A gateway that is told to stop while it has something to do. */
class GatewayShutdownTest {

    private static final int SIZE = 16 << 20;

    @Test
    void whatIsUnderWayIsDoneFirstAndListenersAreNotWaitedFor() throws Exception {
        try (GatewayUnderTest gateway = GatewayUnderTest.start(
                        Map.of(1, BlockStore.memory(SIZE, 4096)), "--spring.lifecycle.timeout-per-shutdown-phase=60s");
                HttpSocket listener = HttpSocket.connect(gateway.address());
                HttpSocket download = HttpSocket.connect(gateway.address());
                HttpSocket upload = HttpSocket.connect(gateway.address())) {
            listener.send("GET /api/events HTTP/1.1");
            assertThat(listener.head()).startsWith("http/1.1 200");
            download.send("GET /api/namespaces/1/data HTTP/1.1");
            assertThat(download.head()).startsWith("http/1.1 200");
            upload.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE);
            upload.send(new byte[SIZE / 2]);
            Awaitility.await().until(() -> gateway.transfers().active().size() == 2);

            CompletableFuture<Void> stopped =
                    CompletableFuture.runAsync(() -> gateway.context().close());
            assertThat(listener.input().readAllBytes()).isNotNull(); // ends
            assertThat(download.read(SIZE)).hasSize(SIZE);
            upload.send(new byte[SIZE / 2]);
            assertThat(upload.head()).startsWith("http/1.1 200");
            stopped.get(30, TimeUnit.SECONDS);
        }
    }
}
