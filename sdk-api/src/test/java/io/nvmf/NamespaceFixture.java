package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.host.queue.AbortSender;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.BlockAccess;
import io.nvmf.namespace.NamespaceIdentity;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.namespace.NamespaceState;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * A namespace of 512-byte blocks over one or more {@link MemoryController}s with the same media, each by default on a
 * hand-driven event loop of its own. What has no index is the first queue's.
 */
public final class NamespaceFixture {

    public static final int BLOCK = 512;

    final ManualEventExecutor loop;
    final MemoryController controller;
    final HostQueue queue;
    final List<ManualEventExecutor> loops = new ArrayList<>();
    final List<MemoryController> controllers = new ArrayList<>();
    final List<HostQueue> queues = new ArrayList<>();
    final List<Integer> aborted = new ArrayList<>();
    final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    public final NvmeNamespace namespace;

    /** What the namespace is known to be; a test may change it. */
    final NamespaceState state;

    public static Builder blocks(int blocks) {
        return new Builder(blocks);
    }

    private NamespaceFixture(Builder builder) {
        byte[] media = new byte[BLOCK * builder.blocks];
        for (int i = 0; i < builder.queues; i++) {
            start(i + 1, builder, media);
        }
        loop = loops.isEmpty() ? null : loops.get(0);
        controller = controllers.get(0);
        queue = queues.get(0);
        state = builder.state(7);
        BlockAccess blocks = new BlockAccess(
                state, builder.volatileWriteCache, QueueSelector.roundRobin(queues), new Failures().forQueue(1));
        namespace = new DefaultNamespace(blocks, null);
        pump();
    }

    private void start(int queueId, Builder builder, byte[] media) {
        EventExecutor executor;
        if (builder.executors.length == 0) {
            loops.add(new ManualEventExecutor());
            executor = loops.get(queueId - 1);
        } else {
            executor = builder.executors[(queueId - 1) % builder.executors.length];
        }
        controllers.add(new MemoryController(executor, BLOCK, media));
        queues.add(HostQueue.start(
                controllers.get(queueId - 1),
                new QueueParameters(
                        queueId,
                        builder.slots + 1,
                        0,
                        builder.pendingLimit,
                        builder.commandTimeout,
                        timer,
                        (queue, commandId, done) -> {
                            aborted.add(commandId);
                            done.run();
                            return AbortSender.Ticket.NONE;
                        }),
                new Failures().forQueue(queueId)));
    }

    /** The bytes of the namespace. */
    public byte[] media() {
        return controller.media;
    }

    void pump() {
        ManualEventExecutor.settle(loops.toArray(new ManualEventExecutor[0]));
    }

    void onLoop(Runnable task) {
        onLoop(0, task);
    }

    /** Runs a task on the event loop of a queue, and everything that follows from it anywhere. */
    void onLoop(int queue, Runnable task) {
        loops.get(queue).run(task);
        pump();
    }

    /** Answers, and lets everybody hear it. */
    void answer(int index) {
        onLoop(() -> controller.answer(index));
    }

    void answerNewest() {
        onLoop(controller::answerNewest);
    }

    void answerAll() {
        for (int i = 0; i < queues.size(); i++) {
            onLoop(i, controllers.get(i)::answerAll);
        }
    }

    void cut() {
        cut(0);
    }

    void cut(int queue) {
        onLoop(queue, () -> controllers.get(queue).end(new Termination.PeerReset("cut")));
    }

    void hold() {
        controllers.forEach(one -> one.hold = true);
    }

    /** How many commands have left on each queue. */
    List<Integer> sent() {
        return controllers.stream().map(one -> one.wire.size()).toList();
    }

    /** Bytes that the allocators of all queues have given out and not got back. */
    long usedMemory() {
        return controllers.stream().mapToLong(MemoryController::usedMemory).sum();
    }

    /** An orderly close has begun: the queue lets run out what was submitted. */
    void drain() {
        queue.drain().subscribe();
        pump();
    }

    void pass(Duration time) {
        timer.advanceTimeBy(time);
        pump();
    }

    /** A buffer that the memory accounting sees. */
    ByteBuf data(int length) {
        ByteBuf data = controller.allocator().buffer(Math.max(1, length));
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (MemoryController.pattern(i) ^ 0x55);
        }
        return data.writeBytes(bytes);
    }

    public static final class Builder {

        private final int blocks;
        private int slots = 128;
        private long maxTransfer;
        private int boundary;
        private int metadata;
        private long nsze = -1;
        private boolean volatileWriteCache = true;
        private boolean writeProtected;
        private int queues = 1;
        private int pendingLimit = 4096;
        private EventExecutor[] executors = {};
        private Duration commandTimeout = Duration.ZERO;

        private Builder(int blocks) {
            this.blocks = blocks;
        }

        Builder slots(int value) {
            slots = value;
            return this;
        }

        Builder maxTransfer(long bytes) {
            maxTransfer = bytes;
            return this;
        }

        Builder boundary(int value) {
            boundary = value;
            return this;
        }

        Builder metadata(int value) {
            metadata = value;
            return this;
        }

        Builder nsze(long value) {
            nsze = value;
            return this;
        }

        Builder noVolatileWriteCache() {
            volatileWriteCache = false;
            return this;
        }

        Builder writeProtected() {
            writeProtected = true;
            return this;
        }

        /** I/O queues, each with a number of {@link #slots} and an event loop of its own. */
        public Builder queues(int value) {
            queues = value;
            return this;
        }

        Builder pendingLimit(int value) {
            pendingLimit = value;
            return this;
        }

        public Builder executor(EventExecutor value) {
            return executors(value);
        }

        /** Real event loops, which the queues are spread over. */
        public Builder executors(EventExecutor... values) {
            executors = values;
            return this;
        }

        Builder commandTimeout(Duration value) {
            commandTimeout = value;
            return this;
        }

        public NamespaceFixture build() {
            return new NamespaceFixture(this);
        }

        /** What a controller says of a namespace like this. */
        NamespaceState state(int nsid) {
            IdentifyNamespace identify = identify();
            return new NamespaceState(
                    nsid,
                    identify,
                    NamespaceIdentity.of(Optional.empty(), identify),
                    new NamespaceParameters(maxTransfer, volatileWriteCache));
        }

        private IdentifyNamespace identify() {
            return new IdentifyNamespace()
                    .wrap(Unpooled.wrappedBuffer(new byte[IdentifyNamespace.LENGTH]), 0)
                    .set(IdentifyNamespace.Field.NSZE, nsze == -1 ? blocks : nsze)
                    .set(IdentifyNamespace.Field.NOIOB, boundary)
                    .set(IdentifyNamespace.Field.NSATTR, writeProtected ? 1 : 0)
                    .lbaFormat(0, new IdentifyNamespace.LbaFormat(metadata, 9, 0));
        }
    }
}
