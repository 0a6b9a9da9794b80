package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeException;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Some workers that read and write blocks singly and as streams, cancel now and then, and connect again when the controller is gone.
 * What they get is checked against a {@link BlockModel}. The first thing that is wrong ends everything.
 *
 * <p>Writes to the same block are seldom under way at the same time, and after one whose outcome is unknown few write to its
 * blocks until it can no longer be carried out. So there is an order between almost any two, and every mistake in it shows.
 *
 * <p>Everything but {@link #isOver}, {@link #failure} and what the sources of streams ask for happens on one thread: the executor's.
 */
public final class Workload {

    private final WorkloadOptions options;
    private final BlockModel model;
    private final BlockContent content;
    private final int blockSize;
    private final ByteBufAllocator allocator;
    private final Random random;
    private final Scheduler timer;
    private final Executor thread;
    private final Mono<NvmeController> connect;
    private final Consumer<String> story;

    private final BitSet busy = new BitSet();
    private final Set<Operation<?>> operations = new LinkedHashSet<>();
    private final HeldMemory memory = new HeldMemory();
    private final OperationChoice choice;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private NvmeController controller;
    private NvmeNamespace namespace;
    private long numbers;
    private int working;
    private long connectDeadline = Long.MAX_VALUE;
    private boolean closing;
    private volatile boolean over;

    /**
     * A workload that has not begun.
     *
     * @param seed of the content of blocks, the same as the store's
     * @param random asked on the executor only
     * @param timer where workers wait; its time is the time of limits
     * @param thread where everything happens
     * @param connect makes a controller with a namespace 1
     * @param story hears of what happens
     */
    public Workload(
            WorkloadOptions options,
            BlockModel model,
            long seed,
            int blockSize,
            ByteBufAllocator allocator,
            Random random,
            Scheduler timer,
            Executor thread,
            Mono<NvmeController> connect,
            Consumer<String> story) {
        this.options = options;
        this.model = model;
        this.content = new BlockContent(seed, blockSize);
        this.blockSize = blockSize;
        this.allocator = allocator;
        this.random = random;
        this.timer = timer;
        this.thread = thread;
        this.connect = connect;
        this.story = story;
        this.choice = new OperationChoice(this, random, busy);
    }

    /** Connects and lets the workers begin. */
    public void start() {
        run(() -> {
            working = options.workers();
            connect();
            for (int i = 0; i < options.workers(); i++) {
                pause(new Worker(options.operations())::act);
            }
        });
    }

    /** Whether everything has ended, or something is wrong. */
    public boolean isOver() {
        return over || failure.get() != null;
    }

    /** What was wrong, or null. */
    public Throwable failure() {
        return failure.get();
    }

    /** Fails if something has not ended in time; the workload's thread. */
    public void checkTime() {
        run(() -> {
            long millis = millis();
            operations.forEach(operation -> operation.checkTime(millis));
            if (millis > connectDeadline) {
                throw new AssertionError("connecting, or closing, hangs");
            }
        });
    }

    /** The memory of what is over; to be looked at when everything has been closed. */
    public HeldMemory memory() {
        return memory;
    }

    // ---- for operations

    WorkloadOptions options() {
        return options;
    }

    BlockModel model() {
        return model;
    }

    BlockContent content() {
        return content;
    }

    int blockSize() {
        return blockSize;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    long nextNumber() {
        return ++numbers;
    }

    long millis() {
        return timer.now(TimeUnit.MILLISECONDS);
    }

    void note(String what) {
        story.accept(what);
    }

    /** Runs on the workload's thread; after a failure that may be gone. */
    void run(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (Throwable wrong) {
                    fail(wrong);
                }
            });
        } catch (RejectedExecutionException gone) {
            fail(gone);
        }
    }

    void fail(Throwable wrong) {
        failure.compareAndSet(null, wrong);
    }

    void begins(Operation<?> operation) {
        operations.add(operation);
    }

    void ends(Operation<?> operation) {
        operations.remove(operation);
    }

    void check(long began, int block, ByteBuf source, int index) {
        model.read(began, block, content.read(source, index, block));
    }

    /** Blocks may be written to again. */
    void free(int first, int count) {
        busy.clear(first, first + count);
    }

    /** A part of a write has an unknown outcome: its blocks may be written to again when it cannot be carried out any more. */
    void freeLater(BlockModel.Write write, int from, int to) {
        working++;
        after(options.quiesce().toMillis(), () -> {
            model.over(write, from, to);
            free(write.first() + from, to - from);
            workerDone();
        });
    }

    // ---- workers

    private void after(long millis, Runnable task) {
        timer.schedule(() -> run(task), millis, TimeUnit.MILLISECONDS);
    }

    private void pause(Runnable task) {
        after(random.nextInt((int) options.pause().toMillis() + 1), task);
    }

    private void workerDone() {
        if (--working == 0) {
            close();
        }
    }

    private final class Worker {

        private int left;

        Worker(int operations) {
            this.left = operations;
        }

        void act() {
            if (isOver()) {
                return;
            }
            memory.look();
            if (namespace == null) {
                pause(this::act);
            } else if (left-- == 0) {
                workerDone();
            } else {
                Operation<?> operation = choice.next(controller, this::acted);
                note(operation.toString());
                operation.start(namespace);
                if (random.nextInt(8) == 0) {
                    pause(operation::cancel);
                }
            }
        }

        private void acted() {
            if (random.nextInt(4) == 0) {
                act();
            } else {
                pause(this::act);
            }
        }
    }

    // ---- the controller

    private record Place(NvmeController controller, NvmeNamespace namespace) {}

    private void connect() {
        connectDeadline = millis() + options.streamLimit().toMillis();
        connect.flatMap(made -> made.namespace(1)
                        .map(found -> new Place(made, found))
                        .onErrorResume(failed -> made.close().then(Mono.error(failed))))
                .subscribe(place -> run(() -> connected(place)), failed -> run(() -> notConnected(failed)));
    }

    private void connected(Place place) {
        connectDeadline = Long.MAX_VALUE;
        controller = place.controller;
        namespace = place.namespace;
        note("connected");
        place.controller.onClose().subscribe(end -> {}, this::fail, () -> run(this::lost));
        if (closing) {
            close();
        }
    }

    private void notConnected(Throwable failed) {
        note("not connected: " + failed);
        if (!(failed instanceof NvmeException)) {
            throw new AssertionError("connecting failed with none of the documented exceptions", failed);
        }
        connectDeadline = Long.MAX_VALUE;
        again();
    }

    private void lost() {
        note("the controller is gone");
        controller = null;
        namespace = null;
        again();
    }

    private void again() {
        if (closing) {
            over = true;
        } else {
            pause(this::connect);
        }
    }

    private void close() {
        closing = true;
        if (controller != null) {
            note("closing");
            connectDeadline = millis() + options.streamLimit().toMillis();
            controller.close().subscribe();
        }
    }
}
