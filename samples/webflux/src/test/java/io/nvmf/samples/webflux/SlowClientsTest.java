package io.nvmf.samples.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.recovery.ControllerState;
import io.nvmf.samples.webflux.transfer.TransferView;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.subsystem.BlockStore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/**
 * Many clients that read ten gigabytes slowly, in a JVM with 256 MiB of direct memory, in which the target is as well.
 */
class SlowClientsTest {

    private static final int CLIENTS = 200;
    private static final long BOUND = 512 * 1024;
    /** Sockets of both sides of the associations, what a namespace command takes, caches of threads. */
    private static final long BESIDES = 96L << 20;

    /**
     * What comes to the heap with all clients: for each a connection, a stream and its wrappers of buffers, some 50 KiB. A
     * copy of what a client waits for, on the heap, would be 100 MiB for all of them.
     */
    private static final long HEAP = 64L << 20;

    private static final Duration REST = Duration.ofMillis(300);
    private static final int TURNS = 60;

    @Test
    void twoHundredSlowClientsHoldTheirBoundAndNobodyElseSuffers() throws Exception {
        try (GatewayUnderTest gateway = GatewayUnderTest.start(
                Map.of(3, BlockStore.nullBlocks(10L << 30, 4096)),
                "--gateway.download-buffer=512KB",
                "--gateway.max-downloads=250",
                "--nvmf.client.keep-alive=30s")) { // a machine that pauses is no reason to end an association
            Queue<ControllerState> states = new ConcurrentLinkedQueue<>();
            Disposable watch =
                    gateway.context().getBean(NvmeConnection.class).states().subscribe(states::add);
            List<SocketChannel> slow = new ArrayList<>();
            long heapBefore = liveHeap(); // with what other tests have left in this JVM
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    slow.add(slowClient(gateway));
                }
                awaitRest(gateway); // until what the sockets of the system take is full
                long[] fast = new long[TURNS];
                long most = 0;
                ByteBuffer sip = ByteBuffer.allocate(8 * 1024);
                for (int turn = 0; turn < TURNS; turn++) {
                    for (SocketChannel client : slow) {
                        sip.clear();
                        assertThat(client.read(sip)).isNotNegative();
                    }
                    long begun = System.nanoTime();
                    readFourKilobytes(gateway, turn);
                    fast[turn] = System.nanoTime() - begun;
                    most = Math.max(most, directMemory());
                }
                long heap = liveHeap() - heapBefore;
                Arrays.sort(fast);
                System.out.printf(
                        "%d slow clients: %d MiB of direct memory, heap %d MiB; a fast client waits %.1f ms (median), %.1f ms (most)%n",
                        CLIENTS, most >> 20, heap >> 20, fast[TURNS / 2] / 1e6, fast[TURNS - 1] / 1e6);

                assertThat(gateway.transfers().active()).hasSize(CLIENTS);
                assertThat(most).isLessThan(CLIENTS * BOUND + BESIDES);
                assertThat(heap).isLessThan(HEAP);
                assertThat(Duration.ofNanos(fast[TURNS / 2])).isLessThan(Duration.ofMillis(500));
                assertThat(Duration.ofNanos(fast[TURNS - 1])).isLessThan(Duration.ofSeconds(5));
                assertThat(states).allMatch(ControllerState::isLive);
            } finally {
                for (SocketChannel client : slow) {
                    client.close();
                }
                watch.dispose();
            }
            Awaitility.await().until(() -> gateway.transfers().active().isEmpty());
        }
    }

    private static void awaitRest(GatewayUnderTest gateway) {
        AtomicLong before = new AtomicLong(-1);
        Awaitility.await().pollInterval(REST).until(() -> {
            List<TransferView> active = gateway.transfers().active();
            long bytes = active.stream().mapToLong(TransferView::bytes).sum();
            return active.size() == CLIENTS && before.getAndSet(bytes) == bytes;
        });
    }

    private static SocketChannel slowClient(GatewayUnderTest gateway) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 64 * 1024);
        channel.connect(gateway.address());
        channel.write(ByteBuffer.wrap(
                "GET /api/namespaces/3/data HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        channel.configureBlocking(false);
        return channel;
    }

    private static void readFourKilobytes(GatewayUnderTest gateway, int turn) throws IOException {
        try (HttpSocket client = HttpSocket.connect(gateway.address())) {
            long offset = turn * 4096L;
            client.send("GET /api/namespaces/3/data HTTP/1.1", "Range: bytes=" + offset + "-" + (offset + 4095));
            assertThat(client.head()).startsWith("http/1.1 206");
            assertThat(client.read(4096)).hasSize(4096);
        }
    }

    /** After a collection, because what has been dropped is nobody's. */
    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long directMemory() {
        return PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }
}
