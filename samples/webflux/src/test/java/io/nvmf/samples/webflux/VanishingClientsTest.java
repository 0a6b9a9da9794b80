package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that go away in the middle, politely or not, a hundred times each. */
class VanishingClientsTest {

    private static final int TIMES = 100;
    private static final int WARM_UP = 10;
    private static final int SIZE = 64 << 20;
    private static final Duration SOON = Duration.ofSeconds(1);

    /** On a machine with other things to do a single one may take longer. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration OFTEN = Duration.ofMillis(2);

    private static GatewayUnderTest gateway;

    @BeforeAll
    static void start() {
        gateway = GatewayUnderTest.start(
                Map.of(1, BlockStore.nullBlocks(SIZE, 4096), 3, BlockStore.nullBlocks(10L << 30, 4096)));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsHeldForAReaderThatHasGone(boolean reset) throws Exception {
        Random random = new Random(5);
        assertThatNothingIsHeld(reset, () -> {
            HttpSocket client = HttpSocket.connect(gateway.address());
            client.send("GET /api/namespaces/3/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200");
            client.read(random.nextInt(4 << 20));
            return client;
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsHeldForAWriterThatHasGone(boolean reset) throws Exception {
        Random random = new Random(7);
        assertThatNothingIsHeld(reset, () -> {
            HttpSocket client = HttpSocket.connect(gateway.address());
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE);
            client.send(new byte[random.nextInt(2 << 20)]);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> !gateway.transfers().active().isEmpty());
            return client;
        });
    }

    /** The first clients make connections and threads take what they keep. */
    private static void assertThatNothingIsHeld(boolean reset, ClientInTheMiddle clients) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            end(clients.connect(), reset);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> gateway.transfers().active().isEmpty());
        }
        long atRest = PooledMemory.heldAtRest();
        long[] nanos = new long[TIMES];
        for (int i = 0; i < TIMES; i++) {
            HttpSocket client = clients.connect();
            long begun = System.nanoTime();
            end(client, reset);
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(OFTEN)
                    .atMost(PATIENCE)
                    .untilAsserted(() -> {
                        assertThat(gateway.transfers().active()).isEmpty();
                        assertThat(PooledMemory.held()).isLessThanOrEqualTo(atRest);
                    });
            nanos[i] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%d clients have gone: all is released after %.1f ms (median), %.1f ms (most)%n",
                TIMES, nanos[TIMES / 2] / 1e6, nanos[TIMES - 1] / 1e6);
        assertThat(Duration.ofNanos(nanos[TIMES / 2])).isLessThan(SOON);
    }

    private static void end(HttpSocket client, boolean reset) throws IOException {
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    private interface ClientInTheMiddle {

        HttpSocket connect() throws IOException;
    }
}
