package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * What servers with many slow clients do to the memory of this process, over a transport that the subclass has: each
 * asks for 128 elements whatever their size, keeps them, and releases one now and then.
 */
public abstract class SlowReaders {

    private static final String NQN = "nqn.2024-01.io.nvmf:slow";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int CLIENTS = 200;
    private static final int CHUNK = 32 * 1024;
    private static final int BOUND = 8 * CHUNK;
    private static final long SIZE = 10L << 30;
    private static final int DEMAND = 128;

    /** Connections, their slabs and receive buffers, and what a reader beside them holds. */
    private static final long FIXED = 16 << 20;

    private static final ReadStreamOptions OPTIONS =
            ReadStreamOptions.body().chunkSize(CHUNK).maxBuffered(BOUND);

    private final List<SlowClient> clients =
            Stream.generate(SlowClient::new).limit(CLIENTS).toList();
    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;
    private long before;

    /** Chooses transport and address. */
    protected abstract NvmeTarget on(NvmeTarget target);

    /** Chooses the transport. */
    protected abstract NvmeClient on(NvmeClient client);

    @BeforeEach
    void connect() {
        // The blocks of this store take no memory, so that what is counted is the host's.
        NvmeTarget described = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, BlockStore.nullBlocks(SIZE, BLOCK)));
        target = on(described).bind().block(PATIENCE);
        controller = on(NvmeClient.create())
                .remoteAddress(target.address())
                .subsystem(NQN)
                .connect()
                .block(PATIENCE);
        namespace = controller.namespace(1).block(PATIENCE);
        before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    @AfterEach
    void close() {
        clients.forEach(SlowClient::leaves);
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }

    private long held() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before;
    }

    /** Keeps what it gets and asks for more by the number of elements, like the response of a server. */
    private static final class SlowClient extends BaseSubscriber<ByteBuf> {

        private final StreamStatistics statistics = new StreamStatistics();
        private final Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        private final AtomicInteger received = new AtomicInteger();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(DEMAND);
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            kept.add(buffer);
            if (received.incrementAndGet() % (DEMAND / 2) == 0) {
                request(DEMAND / 2);
            }
        }

        void readsOne() {
            ByteBuf buffer = kept.poll();
            if (buffer != null) {
                buffer.release();
            }
        }

        void leaves() {
            cancel();
            kept.forEach(ByteBuf::release);
            kept.clear();
        }
    }

    private long timeOfAFastReader() {
        long start = System.nanoTime();
        Long read = namespace
                .readBody(BLOCK, 64 << 20)
                .reduce(0L, (sum, buffer) -> {
                    int bytes = buffer.readableBytes();
                    buffer.release();
                    return sum + bytes;
                })
                .block(PATIENCE);
        assertThat(read).isEqualTo(64 << 20);
        return System.nanoTime() - start;
    }

    @Test
    void slowClientsHoldTheBoundEachAndHarmNobody() {
        timeOfAFastReader();
        long alone = timeOfAFastReader();
        clients.forEach(client -> namespace
                .readStream(0, SIZE, OPTIONS.statistics(client.statistics))
                .subscribe(client));
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> clients.stream().allMatch(client -> client.statistics.isWaitingForRelease()));
        // A little of what was held before may have come back since.
        assertThat(held()).isBetween(CLIENTS * (long) BOUND - FIXED / 4, CLIENTS * (long) BOUND + FIXED);

        long beside = timeOfAFastReader();
        // Nothing of what the others hold is in its way; the rest is for the noise of a machine that does other things.
        assertThat(beside).isLessThan(10 * alone + Duration.ofSeconds(1).toNanos());

        for (int round = 0; round < 200; round++) {
            clients.forEach(SlowClient::readsOne);
            assertThat(held()).isLessThanOrEqualTo(CLIENTS * (long) BOUND + FIXED);
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> clients.stream().allMatch(client -> client.statistics.isWaitingForRelease()));
        assertThat(clients).allSatisfy(client -> {
            assertThat(client.received.get()).isBetween(BOUND / CHUNK + 1, 200 + BOUND / CHUNK);
            assertThat(client.statistics.peakBytesHeld()).isEqualTo(BOUND);
            assertThat(client.statistics.bytesHeld()).isEqualTo(BOUND);
        });

        clients.forEach(SlowClient::leaves);
        Awaitility.await().atMost(PATIENCE).until(() -> held() < FIXED / 4);
        assertThat(clients).allMatch(client -> client.statistics.bytesHeld() == 0);
        assertThat(controller.isConnected()).isTrue();
    }
}
