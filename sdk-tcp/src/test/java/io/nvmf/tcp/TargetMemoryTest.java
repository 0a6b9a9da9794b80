package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.tcp.testing.PooledStore;
import io.nvmf.tcp.testing.Stranger;
import io.nvmf.tcp.testing.TestPdu;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What hosts that read nothing, or whose data nobody takes, can make a target hold, counted in bytes. */
class TargetMemoryTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:memory";
    private static final String HOST = "nqn.2024-01.io.nvmf:stranger";
    private static final String DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int PART = 128 * 1024;
    private static final int MIB = 1 << 20;

    /** Headers, slabs and receive buffers of a connection. */
    private static final int OVERHEAD = 256 * 1024;

    private final List<Stranger> strangers = new ArrayList<>();
    private BoundTarget target;
    private long before;

    private static PooledStore store(boolean inPlace, boolean stuck) {
        PooledStore store = new PooledStore(BLOCK);
        store.elsewhere = !inPlace;
        store.hold = stuck;
        return store;
    }

    private void start(BlockStore store, UnaryOperator<TargetOptions> options) {
        target = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .queueSize(1024)
                .options(options)
                .bind()
                .block(PATIENCE);
        before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    @AfterEach
    void stop() {
        strangers.forEach(Stranger::close);
        if (target != null) {
            target.close().block(PATIENCE);
        }
    }

    private Stranger admin(String subsystem) {
        Stranger admin = Stranger.initialized(target.port());
        strangers.add(admin);
        admin.connect(0, 128, 0, 0xFFFF, subsystem, HOST);
        admin.enable();
        return admin;
    }

    private Stranger io(int entries) {
        Stranger admin = Stranger.initialized(target.port());
        strangers.add(admin);
        int controller = admin.connect(0, 32, 0, 0xFFFF, NQN, HOST);
        admin.enable();
        Stranger io = Stranger.initialized(target.port());
        strangers.add(io);
        io.connect(1, entries, 0, controller, NQN, HOST);
        return io;
    }

    private long held() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before;
    }

    /** Fills up to a level, and stays below another. */
    private void staysWithin(long least, long most) {
        Awaitility.await().untilAsserted(() -> assertThat(held()).isGreaterThanOrEqualTo(least));
        staysBelow(most);
    }

    private void staysBelow(long most) {
        Awaitility.await()
                .during(Duration.ofMillis(300))
                .untilAsserted(() -> assertThat(held()).isLessThanOrEqualTo(most));
    }

    private void allComesBack() {
        strangers.forEach(Stranger::close);
        Awaitility.await().untilAsserted(() -> assertThat(held()).isLessThan(64 * 1024));
    }

    @Test
    void logPagesThatNobodyReadsHoldTheBudgetAtMost() {
        start(store(true, false), options -> options);
        Stranger discovery = admin(DISCOVERY);

        for (int i = 0; i < 127; i++) {
            discovery.getDiscoveryLog(MIB);
        }

        staysBelow(OVERHEAD + TargetOptions.DEFAULT_QUEUE_MEMORY);
        // What is behind the page is zeros, of which there is one piece for all.
        assertThat(held()).isLessThan(MIB);
        allComesBack();
    }

    @Test
    void identifyPagesThatNobodyReadsHoldTheBudgetAtMost() {
        start(store(true, false), options -> options.queueMemory(64 * 1024));
        Stranger admin = admin(NQN);

        for (int i = 0; i < 10_000; i++) {
            try {
                admin.identify();
            } catch (UncheckedIOException endedForTooManyCommands) {
                break;
            }
        }

        staysBelow(OVERHEAD + 64 * 1024);
        allComesBack();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsThatNobodyReadsHoldTheBudgetAtMost(boolean inPlace) {
        PooledStore store = store(inPlace, false);
        start(store, options -> options);
        Stranger io = io(1024);

        for (int i = 0; i < 1023; i++) {
            io.read(i, PART / BLOCK, PART);
        }

        // The level it ends at depends on how much more the socket takes after the connection has stopped reading.
        Awaitility.await()
                .untilAsserted(() -> assertThat(store.mostPinned() - before).isGreaterThanOrEqualTo(MIB / 2));
        staysBelow(TargetOptions.DEFAULT_QUEUE_MEMORY + 2L * OVERHEAD);
        allComesBack();
    }

    @Test
    void readsAreAllAnsweredOnceTheHostReads() {
        start(store(false, false), options -> options.queueMemory(256 * 1024));
        Stranger io = io(1024);

        for (int i = 0; i < 500; i++) {
            io.read(i, PART / BLOCK, PART);
        }
        for (int i = 0; i < 500; i++) {
            assertThat(Stranger.status(io.response())).isZero();
        }

        allComesBack();
    }

    @Test
    void dataWithinCapsulesIsNotReadWhileTheStoreHasTooMuchOfIt() {
        PooledStore store = store(true, true);
        start(store, options -> options.inCapsuleMemory(MIB / 4));
        Stranger io = io(1024);
        List<TestPdu> writes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            writes.add(io.write(2L * i, 2, new byte[2 * BLOCK]));
        }
        Thread sender = new Thread(() -> {
            try {
                writes.forEach(io::send);
            } catch (UncheckedIOException closed) {
                // The test is over.
            }
        });
        sender.start();

        staysWithin(MIB / 8, MIB / 4 + 2L * OVERHEAD);
        int answered = 0;
        while (answered < 1000) {
            Awaitility.await().until(() -> !store.writes.isEmpty());
            store.writes.remove().success();
            assertThat(Stranger.status(io.response())).isZero();
            answered++;
        }
        allComesBack();
    }

    @Test
    void connectionsTogetherHoldTheMemoryOfTheTargetAtMost() {
        int connections = 12;
        start(store(true, false), options -> options.memory(4 * MIB));
        List<Stranger> queues = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            queues.add(io(128));
        }

        queues.forEach(io -> {
            for (int i = 0; i < 60; i++) {
                io.read(i, PART / BLOCK, PART);
            }
        });

        // One small piece beyond the bound for each that would otherwise get nothing.
        staysWithin(MIB / 4, 4 * MIB + connections * (16L * 1024 + 3 * 16 * 1024) + OVERHEAD);
        allComesBack();
    }

    @Test
    void oneConnectionIsServedWhateverTheOthersHold() {
        start(store(true, false), options -> options.memory(MIB));
        for (int i = 0; i < 4; i++) {
            Stranger greedy = io(128);
            for (int j = 0; j < 40; j++) {
                greedy.read(j, PART / BLOCK, PART);
            }
        }

        Stranger modest = io(128);
        for (int i = 0; i < 50; i++) {
            modest.read(i, PART / BLOCK, PART);
            assertThat(Stranger.status(modest.response())).isZero();
        }
        allComesBack();
    }

    @Test
    void smallestBudgetsCarryTheLargestCommands() {
        start(
                BlockStore.memory(64 * MIB, 65_536),
                options -> options.memory(4096)
                        .queueMemory(4096)
                        .inCapsuleMemory(4096)
                        .maxTransfer(4 * MIB));
        byte[] data = new byte[4 * MIB];
        new java.util.Random(7).nextBytes(data);
        Mono<byte[]> work = Mono.usingWhen(
                NvmeClient.from(target.uri(NQN).toString()).connect(),
                controller -> controller
                        .namespace(1)
                        .flatMap(namespace -> Mono.when(
                                        namespace.write(0, Unpooled.copiedBuffer(data)),
                                        namespace.write(64, Unpooled.copiedBuffer(data)),
                                        namespace.write(128, Unpooled.copiedBuffer(data)))
                                .then(namespace.read(64, 64))
                                .map(bytes -> {
                                    byte[] read = new byte[bytes.readableBytes()];
                                    bytes.readBytes(read);
                                    bytes.release();
                                    return read;
                                })),
                NvmeController::close);

        assertThat(work.block(PATIENCE)).isEqualTo(data);
    }
}
