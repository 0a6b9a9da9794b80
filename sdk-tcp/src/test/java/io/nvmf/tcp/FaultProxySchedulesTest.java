package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.tcp.testing.proxy.FaultProxy;
import io.nvmf.tcp.testing.proxy.FaultScript;
import io.nvmf.tcp.testing.proxy.RandomScript;
import io.nvmf.testing.workload.BlockModel;
import io.nvmf.testing.workload.ModelStore;
import io.nvmf.testing.workload.Workload;
import io.nvmf.testing.workload.WorkloadOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A checked workload over sockets, through a proxy that lets PDUs fail. A failure names its seed; {@code -Dnvmf.faults.tcp.seed=SEED}
 * runs that one alone, which makes the same faults but not the same order of threads; {@code -Dnvmf.faults.tcp=COUNT} runs another
 * number of them.
 */
class FaultProxySchedulesTest {

    private static final int SCHEDULES = Integer.getInteger("nvmf.faults.tcp", 10);

    /** They wait for time limits more than anything else. */
    private static final int AT_A_TIME = 16;

    private static final String NQN = "nqn.2024-01.io.nvmf:faults";
    private static final int BLOCK_SIZE = 4096;
    private static final int BLOCKS = 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LATE = Duration.ofMillis(100);
    private static final Duration KEEP_ALIVE = Duration.ofMillis(800);
    private static final Duration COMMAND_TIMEOUT = Duration.ofMillis(600);

    /** A cancelled command is given up after two timeouts, and a target forgets a host after one and a quarter of KATO. */
    private static final Duration QUIESCE = COMMAND_TIMEOUT
            .multipliedBy(2)
            .plus(KEEP_ALIVE.multipliedBy(5).dividedBy(4))
            .plus(LATE)
            .plusSeconds(1);

    private static final WorkloadOptions OPTIONS = new WorkloadOptions(
            4, 8, 256, 512, QUIESCE, PATIENCE, PATIENCE.multipliedBy(3), true, Duration.ofMillis(60));

    @Test
    void nothingAcknowledgedIsLostAndEverythingEndsInTime() {
        Long one = Long.getLong("nvmf.faults.tcp.seed");
        if (one != null) {
            run(one, true);
            return;
        }
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<CompletableFuture<Void>> runs = new ArrayList<>();
            for (long seed = 0; seed < SCHEDULES; seed++) {
                long each = seed;
                runs.add(CompletableFuture.runAsync(() -> run(each, false), threads));
            }
            runs.forEach(CompletableFuture::join);
        } finally {
            threads.shutdown();
        }
    }

    private static void run(long seed, boolean tell) {
        Queue<String> story = new ConcurrentLinkedQueue<>();
        long start = System.nanoTime();
        try {
            new Run(seed, what -> story.add((System.nanoTime() - start) / 1_000_000 + " " + what)).run();
        } catch (Throwable failure) {
            throw new AssertionError("seed " + seed + ": " + failure + "\n" + String.join("\n", story), failure);
        } finally {
            if (tell) {
                System.out.println(String.join("\n", story));
            }
        }
    }

    private interface Story extends java.util.function.Consumer<String> {}

    /** One seed. */
    private static final class Run {

        private final long seed;
        private final Story story;
        private final Random random;

        /** Its buffers are never used again, so they tell whether somebody holds them. */
        private final ByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;

        /** May block, as a thread of an application may. */
        private final Scheduler thread = Schedulers.fromExecutorService(Executors.newSingleThreadScheduledExecutor());

        private final BlockModel model = new BlockModel(BLOCKS);
        private final ModelStore store;

        Run(long seed, Story story) {
            this.seed = seed;
            this.story = story;
            this.random = new Random(seed);
            this.store = new ModelStore(
                    model, seed, BLOCK_SIZE, allocator, Schedulers.parallel(), new Random(random.nextLong()), LATE);
        }

        void run() {
            BoundTarget target = NvmeTarget.create()
                    .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                    .bind()
                    .block(PATIENCE);
            FaultProxy proxy = FaultProxy.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
            try {
                work(proxy);
                target.close().block(PATIENCE);
                store.checkAll();
            } finally {
                proxy.close();
                target.close().block(PATIENCE);
                thread.dispose();
            }
        }

        private void work(FaultProxy proxy) {
            boolean digests = random.nextInt(3) == 0;
            proxy.script(new RandomScript(
                    new Random(random.nextLong()), 20 + random.nextInt(400), 1 + random.nextInt(6), digests, story));
            Workload workload = new Workload(
                    OPTIONS,
                    model,
                    seed,
                    BLOCK_SIZE,
                    allocator,
                    random,
                    thread,
                    thread::schedule,
                    client(proxy, digests).connect(),
                    story);
            workload.start();
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(50))
                    .atMost(PATIENCE.multipliedBy(4))
                    .until(() -> {
                        workload.checkTime();
                        return workload.isOver() || store.violation() != null;
                    });
            check(workload);
            proxy.script(FaultScript.none());
            proxy.cutAll();
            Awaitility.await().alias("no write is left in the store").until(() -> store.underWay() == 0);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(workload.memory().held()).isEmpty());
            workload.memory().check();
            check(workload);
        }

        private NvmeClient client(FaultProxy proxy, boolean digests) {
            return NvmeClient.create()
                    .remoteAddress(
                            proxy.address().getHostString(), proxy.address().getPort())
                    .subsystem(NQN)
                    .ioQueues(1 + random.nextInt(3))
                    .queueSize(2 + random.nextInt(16))
                    .sqFlowControl(random.nextBoolean())
                    .option(TcpOptions.HEADER_DIGEST, digests)
                    .option(TcpOptions.DATA_DIGEST, digests)
                    .keepAlive(KEEP_ALIVE)
                    .commandTimeout(COMMAND_TIMEOUT)
                    .connectTimeout(COMMAND_TIMEOUT);
        }

        private void check(Workload workload) {
            assertThat(store.violation()).as("what the store saw").isNull();
            assertThat(workload.failure()).as("what the workload saw").isNull();
        }
    }
}
