package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
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
    private static final Duration SOON = Duration.ofSeconds(10); // a second or so, on a machine with other things to do

    private static final Duration REST = Duration.ofMillis(300);

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
        readAndGo(WARM_UP, reset);
        long before = whatIsHeldAtRest();
        readAndGo(TIMES, reset);
        assertThatNothingIsHeld(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsHeldForAWriterThatHasGone(boolean reset) throws Exception {
        writeAndGo(WARM_UP, reset);
        long before = whatIsHeldAtRest();
        writeAndGo(TIMES, reset);
        assertThatNothingIsHeld(before);
    }

    private static void readAndGo(int times, boolean reset) throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < times; i++) {
            HttpSocket client = HttpSocket.connect(gateway.address());
            client.send("GET /api/namespaces/3/data HTTP/1.1");
            assertThat(client.head()).startsWith("http/1.1 200");
            client.read(random.nextInt(4 << 20));
            end(client, reset);
        }
    }

    private static void writeAndGo(int times, boolean reset) throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < times; i++) {
            HttpSocket client = HttpSocket.connect(gateway.address());
            client.send("PUT /api/namespaces/1/data HTTP/1.1", "Content-Length: " + SIZE);
            client.send(new byte[random.nextInt(2 << 20)]);
            end(client, reset);
            // the next one is for the same bytes
            Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
        }
    }

    private static void end(HttpSocket client, boolean reset) throws Exception {
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    /** What threads and connections keep for the next time. */
    private static long whatIsHeldAtRest() {
        Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
        AtomicLong before = new AtomicLong(-1);
        Awaitility.await().pollInterval(REST).until(() -> before.getAndSet(activeChunks()) == activeChunks());
        return before.get();
    }

    /** Receive buffers of a few more threads may have been kept meanwhile. A leak would be one for each client. */
    private static void assertThatNothingIsHeld(long before) {
        Awaitility.await().atMost(SOON).untilAsserted(() -> {
            assertThat(gateway.transfers().active()).isEmpty();
            assertThat(activeChunks()).isLessThan(before + TIMES / 5);
        });
    }

    /** Allocations that are too large for the caches of threads, or nearly so. */
    private static long activeChunks() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveNormalAllocations)
                .sum();
    }
}
