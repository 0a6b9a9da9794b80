package io.nvmf.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeBuffers;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeException;
import io.nvmf.rdma.testing.CuttingProxy;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.AddressFamily;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.Covers;
import java.io.File;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whole associations over sockets: they come and go, are cut and cancelled, and leave nothing behind. */
class AssociationsOverIwarpTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:rdma";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int PIECE = 64 * 1024;
    private static final long SIZE = 64L << 20;

    /** What event loops keep of receive buffers and headers for the connections to come. */
    private static final long KEPT = 512 * 1024;

    private BoundTarget target;
    private long before;

    @BeforeEach
    void bind() {
        target = Objects.requireNonNull(NvmeTarget.memory(NQN, SIZE, BLOCK)
                .transport(TransportType.RDMA)
                .bind()
                .block(PATIENCE));
        before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    @AfterEach
    void nothingIsLeft() {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(target.controllers()).isZero();
            assertThat(held()).isLessThan(KEPT);
        });
        target.close().block(PATIENCE);
    }

    private long held() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before;
    }

    /** Open files of this process, sockets among them; 0 where the system does not say. */
    private static int openFiles() {
        String[] names = new File("/proc/self/fd").list();
        return names == null ? 0 : names.length;
    }

    private NvmeController connect() {
        return Objects.requireNonNull(NvmeClient.from(target.uri(NQN))
                .recovery(Recovery.none())
                .ioQueues(2)
                .connect()
                .block(PATIENCE));
    }

    private static NvmeNamespace open(NvmeController controller) {
        return Objects.requireNonNull(controller.namespace(1).block(PATIENCE));
    }

    /** In the last blocks: a write that was cancelled elsewhere may still be carried out, and after this one. */
    private static void writeAndRead(NvmeNamespace namespace, int length, int seed) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        int blocks = length / BLOCK;
        long first = SIZE / BLOCK - blocks;
        namespace.write(first, Unpooled.wrappedBuffer(data)).block(PATIENCE);
        ByteBuf back = Objects.requireNonNull(namespace.read(first, blocks).block(PATIENCE));
        try {
            assertThat(back).isEqualTo(Unpooled.wrappedBuffer(data));
        } finally {
            back.release();
        }
    }

    @Test
    void fiveHundredComeAndGo() {
        int files = 0;
        for (int i = 0; i < 500; i++) {
            NvmeController controller = connect();
            writeAndRead(open(controller), i % 2 == 0 ? BLOCK : 4 * BLOCK, i);
            controller.close().block(PATIENCE);
            if (i == 20) {
                files = openFiles(); // event loops and classes are there by now
            }
        }
        int most = files + 16;
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(openFiles()).isLessThanOrEqualTo(most));
    }

    @Test
    void aStreamOfSixtyFourMebibytesIsReadAsItWasWritten() {
        NvmeController controller = connect();
        NvmeNamespace namespace = open(controller);
        CRC32C written = new CRC32C();
        Random random = new Random(64);
        Flux<ByteBuf> source = Flux.range(0, (int) (SIZE / PIECE)).map(i -> {
            byte[] bytes = new byte[PIECE];
            random.nextBytes(bytes);
            written.update(bytes);
            return Unpooled.wrappedBuffer(bytes);
        });
        namespace.writeStream(0, source).blockLast(PATIENCE);

        CRC32C read = new CRC32C();
        Long bytes = namespace
                .readStream(0, SIZE)
                .reduce(0L, (sum, part) -> {
                    read.update(part.nioBuffer());
                    long next = sum + part.readableBytes();
                    part.release();
                    return next;
                })
                .block(PATIENCE);

        assertThat(bytes).isEqualTo(SIZE);
        assertThat(read.getValue()).isEqualTo(written.getValue());
        controller.close().block(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamThatIsCancelledGivesItsMemoryBackAndTheConnectionGoesOn(boolean reading) {
        NvmeController controller = connect();
        NvmeNamespace namespace = open(controller);
        for (int i = 0; i < 30; i++) {
            int pieces = 1 + i;
            Mono<Void> cancelled = reading
                    ? namespace
                            .readStream(0, SIZE)
                            .doOnNext(ByteBuf::release)
                            .transform(NvmeBuffers.releaseDiscarded())
                            .take(pieces)
                            .then()
                    : namespace
                            .writeStream(0, Flux.range(0, 1000).map(n -> Unpooled.wrappedBuffer(new byte[PIECE])))
                            .take(1)
                            .then();
            cancelled.block(PATIENCE);
        }
        writeAndRead(namespace, 16 * BLOCK, 1);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isLessThan(2 * KEPT));
        assertThat(controller.isConnected()).isTrue();
        controller.close().block(PATIENCE);
    }

    /** Releases what it gets, also what comes while it cancels. */
    private static final class Releasing extends BaseSubscriber<ByteBuf> {

        @Override
        protected void hookOnNext(ByteBuf data) {
            data.release();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            // It has been cancelled.
        }
    }

    @Test
    void commandsThatAreCancelledAtAnyMomentHarmNobody() {
        NvmeController controller = connect();
        NvmeNamespace namespace = open(controller);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            Disposable read = namespace.read(0, 32).subscribeWith(new Releasing());
            Disposable write = namespace
                    .write(0, Unpooled.wrappedBuffer(new byte[32 * BLOCK]))
                    .subscribe(done -> {}, failure -> {});
            for (int spin = random.nextInt(20_000); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            read.dispose();
            write.dispose();
        }
        writeAndRead(namespace, 16 * BLOCK, 2);
        assertThat(controller.isConnected()).isTrue();
        controller.close().block(PATIENCE);
    }

    @Test
    @Covers("A controller outlives connections that are cut anywhere")
    void aConnectThatIsCutAnywhereFailsAsSuchAndLeavesNothing() {
        try (CuttingProxy proxy = CuttingProxy.to(target.port())) {
            int failed = 0;
            for (int bytes = 1; bytes < 9000; bytes += 149) {
                long budget = bytes;
                proxy.cutAfter(() -> budget);
                Boolean connected = NvmeClient.create()
                        .transport(TransportType.RDMA)
                        .remoteAddress("127.0.0.1", proxy.port())
                        .subsystem(NQN)
                        .recovery(Recovery.none())
                        .ioQueues(1)
                        .connect()
                        .flatMap(controller -> controller.close().thenReturn(true))
                        .onErrorResume(NvmeException.class, failure -> Mono.just(false))
                        .block(PATIENCE);
                failed += Boolean.TRUE.equals(connected) ? 0 : 1;
            }
            assertThat(failed).isPositive();
        }
    }

    @Test
    @Covers("A controller outlives connections that are cut anywhere")
    void aControllerGoesOnHoweverOftenItsConnectionsAreCut() {
        try (CuttingProxy proxy = CuttingProxy.to(target.port())) {
            NvmeController controller = Objects.requireNonNull(NvmeClient.create()
                    .transport(TransportType.RDMA)
                    .remoteAddress("127.0.0.1", proxy.port())
                    .subsystem(NQN)
                    .recovery(Recovery.defaults()
                            .quiesceTime(Duration.ofMillis(50))
                            .maxDelay(Recovery.DEFAULT_FIRST_DELAY))
                    .ioQueues(2)
                    .connect()
                    .block(PATIENCE));
            NvmeNamespace namespace = open(controller);
            Random random = new Random(11);
            proxy.cutAfter(() -> random.nextInt(4) == 0 ? CuttingProxy.NEVER : (1 << 20) + random.nextInt(6 << 20));
            target.disconnectAll().block(PATIENCE);

            for (int round = 0; round < 3; round++) {
                byte[] piece = new byte[PIECE];
                random.nextBytes(piece);
                CRC32C written = new CRC32C();
                namespace
                        .writeStream(0, Flux.range(0, 256).map(i -> {
                            written.update(piece);
                            return Unpooled.wrappedBuffer(piece);
                        }))
                        .blockLast(PATIENCE);
                CRC32C read = new CRC32C();
                namespace
                        .readStream(0, 256L * PIECE)
                        .doOnNext(part -> {
                            read.update(part.nioBuffer());
                            part.release();
                        })
                        .blockLast(PATIENCE);
                assertThat(read.getValue()).isEqualTo(written.getValue());
            }

            assertThat(proxy.cuts()).isPositive();
            proxy.cutAfter(() -> CuttingProxy.NEVER);
            controller.close().block(PATIENCE);
        }
    }

    @Test
    @Covers("TSAS: reliable connected, no provider named, RDMA_CM")
    void theDiscoveryLogSaysHowToComeByRdma() {
        DiscoveryLogEntry entry = Objects.requireNonNull(NvmeClient.from(target.uri(NQN))
                .discover()
                .filter(each -> each.subsystemNqn().equals(NQN))
                .blockLast(PATIENCE));

        assertThat(entry.transportType()).isEqualTo(TransportType.RDMA.value());
        assertThat(entry.addressFamily()).isEqualTo(AddressFamily.IPV4.value());
        assertThat(entry.transportAddress()).isEqualTo("127.0.0.1");
        assertThat(entry.transportServiceId()).isEqualTo(Integer.toString(target.port()));
        // Reliable connected, no provider named, RDMA_CM: what Linux' controller says of iWARP, too.
        assertThat(entry.transportSpecific()).isEqualTo(new DiscoveryLogEntry.Rdma(1, 1, 1, 0));
    }
}
