package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.host.queue.AbortSender;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.namespace.NamespaceLimits;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A namespace of 512-byte blocks over a {@link MemoryController}, by default on a hand-driven event loop. */
public final class NamespaceFixture {

    public static final int BLOCK = 512;

    final ManualEventExecutor loop;
    final MemoryController controller;
    final HostQueue queue;
    final List<Integer> aborted = new ArrayList<>();
    final VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    public final NvmeNamespace namespace;

    public static Builder blocks(int blocks) {
        return new Builder(blocks);
    }

    private NamespaceFixture(Builder builder) {
        loop = builder.executor == null ? new ManualEventExecutor() : null;
        EventExecutor executor = loop == null ? builder.executor : loop;
        controller = new MemoryController(executor, BLOCK, builder.blocks);
        queue = HostQueue.start(
                controller,
                new QueueParameters(
                        1, builder.slots + 1, 0, 4096, builder.commandTimeout, timer, (queueId, commandId, done) -> {
                            aborted.add(commandId);
                            done.run();
                            return AbortSender.Ticket.NONE;
                        }),
                new Failures().forQueue(1));
        namespace = new DefaultNamespace(
                7,
                builder.identify(),
                new NamespaceLimits(builder.maxTransfer, builder.volatileWriteCache),
                List.of(queue),
                new Failures());
        pump();
    }

    /** The bytes of the namespace. */
    public byte[] media() {
        return controller.media;
    }

    void pump() {
        if (loop != null) {
            loop.pump();
        }
    }

    void onLoop(Runnable task) {
        loop.run(task);
    }

    /** Answers, and lets everybody hear it. */
    void answer(int index) {
        onLoop(() -> controller.answer(index));
    }

    void answerNewest() {
        onLoop(controller::answerNewest);
    }

    void answerAll() {
        onLoop(controller::answerAll);
    }

    void cut() {
        onLoop(() -> controller.end(new Termination.PeerReset("cut")));
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
        private EventExecutor executor;
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

        public Builder executor(EventExecutor value) {
            executor = value;
            return this;
        }

        Builder commandTimeout(Duration value) {
            commandTimeout = value;
            return this;
        }

        public NamespaceFixture build() {
            return new NamespaceFixture(this);
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
