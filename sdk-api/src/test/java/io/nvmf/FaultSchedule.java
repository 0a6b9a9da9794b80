package io.nvmf;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.ManualTimer;
import io.nvmf.testing.fault.FaultyTransport;
import io.nvmf.testing.fault.RandomFaults;
import io.nvmf.testing.workload.BlockModel;
import io.nvmf.testing.workload.ModelStore;
import io.nvmf.testing.workload.Workload;
import io.nvmf.testing.workload.WorkloadOptions;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * A workload over connections that fail, against the SDK's own target: all of it on one thread and in virtual time, and all of it
 * drawn from a seed, so that a seed makes the same things happen again.
 */
final class FaultSchedule {

    private static final String NQN = "nqn.2024-01.io.nvmf:faults";
    private static final int BLOCK_SIZE = 512;
    private static final int FEW_BLOCKS = 16;
    private static final int MANY_BLOCKS = 96;

    /** How late the store may carry a write out. */
    private static final Duration LATE = Duration.ofMillis(400);

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(2);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

    /** How long an event loop may leave undone what it has to do. */
    private static final Duration MOST_STALL = Duration.ofMillis(20);

    /** How long another thread may leave undone what it has to do, in the time of this machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long MOST_STEPS = 500_000;
    private static final Duration MOST_TIME = Duration.ofMinutes(10);

    private final long seed;
    private final Random random;
    private final ManualTimer timer = new ManualTimer();
    private final ManualEventExecutor hostLoop = new ManualEventExecutor();
    private final ManualEventExecutor targetLoop = new ManualEventExecutor();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final List<String> story = new ArrayList<>();
    private final RandomFaults faults;
    private final FaultyTransport transport;
    private final TransportRegistry registry;
    private final BlockModel model;
    private final ModelStore store;
    private final Duration commandTimeout;
    private final Recovery recovery;
    private final int inCapsuleData;
    private Workload workload;
    private BoundTarget target;

    /** The target is closing, for which it has time limits whose consequences happen on threads of Reactor's. */
    private boolean targetGoes;

    private long steps;

    FaultSchedule(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.commandTimeout = Duration.ofSeconds(random.nextBoolean() ? 1 : 20);
        this.recovery = recovery();
        this.inCapsuleData = random.nextBoolean() ? 0 : 2 * BLOCK_SIZE;
        this.model = new BlockModel(random.nextBoolean() ? FEW_BLOCKS : MANY_BLOCKS);
        this.faults = new RandomFaults(random, timer, 40 + random.nextInt(400), 1 + random.nextInt(8), this::note);
        this.transport = new FaultyTransport(
                new LoopTransport(LoopTransportOptions.defaults()
                        .withExecutors(hostLoop, targetLoop)
                        .withAllocator(allocator)),
                faults);
        this.registry = TransportRegistry.empty().register(transport);
        this.store = new ModelStore(model, seed, BLOCK_SIZE, allocator, timer, random, LATE);
    }

    private Recovery recovery() {
        return switch (random.nextInt(8)) {
            case 0 -> Recovery.none();
            case 1 -> Recovery.defaults().failFast(Duration.ofSeconds(2));
            case 2 -> Recovery.defaults().repeatWrites(false);
            case 3 -> Recovery.defaults().lossTimeout(Duration.ofSeconds(3));
            default -> Recovery.defaults();
        };
    }

    /** What happened, each with its virtual time. */
    List<String> story() {
        return story;
    }

    void run() {
        bind(TransportAddress.of("target", 0));
        ManualEventExecutor.settle(hostLoop, targetLoop);
        NvmeClient client = client();
        if (random.nextInt(4) == 0) {
            timer.schedule(this::restart, random.nextInt(3000), TimeUnit.MILLISECONDS);
        }
        workload = new Workload(
                options(),
                model,
                seed,
                BLOCK_SIZE,
                allocator,
                random,
                timer,
                Runnable::run,
                client.connect(),
                this::note);
        workload.start();
        while (!workload.isOver()) {
            step();
            check();
        }
        check();
        note("heal");
        faults.heal();
        settle(5 * KEEP_ALIVE.toMillis());
        close();
        check();
        store.checkAll();
        workload.memory().check();
        checkLeftOvers();
    }

    private WorkloadOptions options() {
        // A cancelled command is given up after two timeouts, a silent host after one and a quarter of KATO.
        Duration quiesce = commandTimeout
                .multipliedBy(2)
                .plus(KEEP_ALIVE.multipliedBy(5).dividedBy(4))
                .plus(LATE.multipliedBy(2));
        Duration single = commandTimeout.multipliedBy(3).plusSeconds(20);
        return new WorkloadOptions(
                5,
                14,
                Math.min(12, model.blockCount()),
                Math.min(64, model.blockCount()),
                quiesce,
                single,
                single.multipliedBy(4),
                recovery.isEnabled(),
                Duration.ofMillis(150));
    }

    /** The target goes, orderly, and comes back with what it has stored. */
    private void restart() {
        note("the target goes");
        targetGoes = true;
        TransportAddress address = target.address();
        target.close().subscribe(end -> {}, failed -> note("close: " + failed), () -> {
            note("the target is gone");
            targetGoes = false;
            timer.schedule(() -> bind(address), random.nextInt(3000), TimeUnit.MILLISECONDS);
        });
    }

    private void bind(TransportAddress address) {
        NvmeTarget.create()
                .transport(TransportType.LOOP)
                .registry(registry)
                .bindAddress(address.host(), address.port())
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .inCapsuleData(inCapsuleData)
                .maxTransfer(8192)
                .timer(timer)
                .bind()
                .subscribe(bound -> {
                    note("the target is there");
                    target = bound;
                });
    }

    private NvmeClient client() {
        return NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(registry)
                .remoteAddress(target.address())
                .subsystem(NQN)
                .hostNqn("nqn.2024-01.io.nvmf:host")
                .ioQueues(1 + random.nextInt(3))
                .queueSize(2 + random.nextInt(8))
                .sqFlowControl(random.nextBoolean())
                .recovery(recovery)
                .keepAlive(KEEP_ALIVE)
                .commandTimeout(commandTimeout)
                .connectTimeout(CONNECT_TIMEOUT)
                .timer(timer);
    }

    /** A few tasks of one event loop, or what the timer has next. */
    private void step() {
        awaitOtherThreads();
        if (++steps > MOST_STEPS || timer.now(TimeUnit.NANOSECONDS) > MOST_TIME.toNanos()) {
            throw new AssertionError("no end after " + steps + " steps");
        }
        boolean hostWaits = hostLoop.pendingTasks() > 0;
        boolean targetWaits = targetLoop.pendingTasks() > 0;
        long next = timer.untilNext();
        boolean idle = !hostWaits && !targetWaits;
        if (idle && next < 0) {
            throw new AssertionError("nothing is left to do");
        }
        if (idle || next >= 0 && next < MOST_STALL.toNanos() && random.nextInt(64) == 0) {
            timer.advance(next, TimeUnit.NANOSECONDS);
            return;
        }
        boolean host = hostWaits && (!targetWaits || random.nextBoolean());
        (host ? hostLoop : targetLoop).turn(1 + random.nextInt(4));
    }

    private void check() {
        workload.checkTime();
        if (store.violation() != null) {
            throw new AssertionError("the store saw: " + store.violation(), store.violation());
        }
        if (workload.failure() != null) {
            throw new AssertionError(workload.failure().toString(), workload.failure());
        }
    }

    private void settle(long millis) {
        ManualEventExecutor.settle(hostLoop, targetLoop);
        for (long passed = 0; passed < millis; passed += 50) {
            timer.advance(50, TimeUnit.MILLISECONDS);
            awaitOtherThreads();
            ManualEventExecutor.settle(hostLoop, targetLoop);
        }
    }

    /** Virtual time does not run on while a thread that knows nothing of it has something to do. */
    private void awaitOtherThreads() {
        if (!targetGoes) {
            return;
        }
        CountDownLatch idle = new CountDownLatch(Schedulers.DEFAULT_POOL_SIZE);
        for (int i = 0; i < Schedulers.DEFAULT_POOL_SIZE; i++) {
            Schedulers.parallel().schedule(idle::countDown); // each goes to the next thread
        }
        try {
            if (!idle.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("a thread of Reactor's is busy for " + PATIENCE);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void close() {
        boolean[] closed = {false};
        targetGoes = true;
        Disposable closing =
                target.close().subscribe(end -> {}, failed -> note("close: " + failed), () -> closed[0] = true);
        settle(1000);
        closing.dispose();
        if (!closed[0]) {
            throw new AssertionError("the target does not close, " + store.underWay() + " writes are under way");
        }
    }

    private void checkLeftOvers() {
        registry.unregister(transport); // refuses while a queue pair lives
        long memory = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
        if (memory != 0 || timer.waiting() != 0) {
            throw new AssertionError(memory + " bytes and " + timer.waiting() + " timers are left");
        }
    }

    private void note(String what) {
        story.add(timer.now(TimeUnit.MILLISECONDS) + " " + what);
    }
}
