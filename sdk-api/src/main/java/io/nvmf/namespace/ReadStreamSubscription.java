package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.Dropped;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One subscription to a read stream: a ring of commands, submitted and delivered in order, completed in any order.
 *
 * <p>A chunk is submitted only when its element is already demanded, so a slow subscriber means fewer commands and
 * never a buffer without a place to go. Where the options bound it, there is room for its bytes as well, see {@link
 * HeldBytes}.
 */
final class ReadStreamSubscription extends StreamSubscription {

    private final NvmCommands commands;
    private final @Nullable StreamStatistics statistics;

    /** Null without a bound. */
    private final @Nullable HeldBytes held;

    private final int chunkBlocks;
    private final long offset;
    private final long end;
    private final long endLba;
    private final Chunk[] ring;

    private CoreSubscriber<? super ByteBuf> actual;
    private long nextLba;
    private long submitted;
    private long delivered;
    private boolean failed;

    ReadStreamSubscription(
            CoreSubscriber<? super ByteBuf> actual,
            NvmCommands commands,
            QueueSelector queues,
            int mostQueues,
            long offset,
            long length,
            ReadStreamOptions options) {
        super(queues, mostQueues, options.timeout());
        NamespaceGeometry geometry = commands.geometry();
        this.actual = actual;
        this.commands = commands;
        this.statistics = options.statistics();
        this.chunkBlocks = geometry.chunkBlocks(options.chunkSize());
        this.offset = offset;
        this.end = offset + length;
        this.nextLba = offset >>> geometry.blockShift();
        this.endLba = (end - 1 >>> geometry.blockShift()) + 1;
        long mostChunks = Math.min(endLba - nextLba, Math.min(options.window(), slots()));
        this.ring = new Chunk[(int) mostChunks];
        long chunkBytes = (long) chunkBlocks << geometry.blockShift();
        this.held = options.maxBuffered() == ReadStreamOptions.UNLIMITED
                ? null
                : new HeldBytes(this, Math.max(options.maxBuffered(), chunkBytes));
        if (statistics != null) {
            long most = mostChunks * chunkBytes;
            statistics.begin(held == null ? most : Math.min(most, held.limit()), held);
        }
    }

    @Override
    Context currentContext() {
        return actual.currentContext();
    }

    @Override
    void proceed() {
        if (done) {
            return;
        }
        IllegalArgumentException bad = badRequest;
        if (bad != null && !cancelled) {
            terminate(bad);
            return;
        }
        NvmeException overdue = overdue();
        if (overdue != null) {
            terminate(overdue);
            return;
        }
        register();
        if (statistics != null && interruptions() != 0) {
            statistics.interrupted(isPaused(), interruptions());
        }
        deliver();
        if (!done) {
            submit();
        }
    }

    private void deliver() {
        while (!cancelled && delivered < submitted) {
            Chunk head = chunk(delivered);
            if (head.inFlight) {
                return;
            }
            if (head.failure != null) {
                terminate(head.failure);
                return;
            }
            delivered++;
            ByteBuf data = head.take();
            if (statistics != null) {
                statistics.left(head.bytes());
                statistics.transferred(data.readableBytes());
            }
            actual.onNext(held == null ? data : held.emitted(data, head.bytes()));
        }
        if (cancelled || (nextLba == endLba && delivered == submitted)) {
            terminate(null);
        } else if (closed != null && delivered == submitted) {
            terminate(closed);
        }
    }

    private void submit() {
        while (!failed
                && closed == null
                && nextLba < endLba
                && submitted < requested
                && submitted - delivered < ring.length) {
            int blocks = commands.geometry().chunkAt(nextLba, endLba, chunkBlocks);
            if (held != null && !held.take(blocks << commands.geometry().blockShift())) {
                return;
            }
            int slot = (int) (submitted % ring.length);
            Chunk chunk = ring[slot];
            if (chunk == null) {
                chunk = new Chunk(this);
                ring[slot] = chunk;
            }
            chunk.begin(nextLba, blocks);
            nextLba += blocks;
            submitted++;
            if (statistics != null) {
                statistics.submitted(chunk.bytes());
            }
            submit(chunk);
        }
    }

    @Override
    void broken(Throwable thrown) {
        if (done || cancelled) {
            Dropped.error(thrown, actual.currentContext());
        }
        if (!done) {
            terminate(thrown);
        }
    }

    /**
     * Ends the stream: gives up what is in flight, releases what waits, and tells the subscriber unless it cancelled.
     */
    private void terminate(@Nullable Throwable failure) {
        done = true;
        deregister();
        if (held != null) {
            held.takesNoMore();
        }
        for (long i = delivered; i < submitted; i++) {
            Chunk chunk = chunk(i);
            left(chunk.bytes());
            if (chunk.inFlight) {
                chunk.cancel();
            } else if (chunk.data != null) {
                chunk.take().release();
            }
        }
        CoreSubscriber<? super ByteBuf> subscriber = actual;
        // Orphaned requests may outlive the subscription, and must not keep the subscriber.
        actual = Operators.emptySubscriber();
        if (cancelled) {
            return;
        }
        if (failure != null) {
            subscriber.onError(failure);
        } else {
            subscriber.onComplete();
        }
    }

    private Chunk chunk(long sequence) {
        return ring[(int) (sequence % ring.length)];
    }

    @Override
    String waitsFor() {
        return held == null || delivered < submitted || !held.isAwaited()
                ? ""
                : ": it waits for the release of buffers that it has emitted, since these have " + held.bytes()
                        + " bytes and maxBuffered is " + held.limit();
    }

    /** For whoever looks for a stream that stands still; what the event loop owns may be seen in the middle of a change. */
    @Override
    public String toString() {
        return "ReadStreamSubscription[requested=" + requested + ", submitted=" + submitted + ", delivered=" + delivered
                + ", next LBA=" + nextLba + " of " + endLba + ", held=" + (held == null ? "uncounted" : held.bytes())
                + ", awaited=" + (held != null && held.isAwaited()) + ", paused=" + isPaused() + ", failed=" + failed
                + ", closed=" + closed + ", cancelled=" + cancelled + ", done=" + done + ", " + signals() + "]";
    }

    /** The data of a command will not be emitted. */
    private void left(int bytes) {
        if (statistics != null) {
            statistics.left(bytes);
        }
        if (held != null) {
            held.giveBack(bytes);
        }
    }

    /** One Read command of the stream, used again when its data was delivered. */
    private final class Chunk extends StreamCommand {

        private long lba;
        private int blocks;
        private boolean inFlight;
        private @Nullable ByteBuf data;
        private @Nullable RuntimeException failure;

        Chunk(StreamSubscription stream) {
            super(stream);
        }

        void begin(long lba, int blocks) {
            this.lba = lba;
            this.blocks = blocks;
            this.inFlight = true;
        }

        int bytes() {
            return blocks << commands.geometry().blockShift();
        }

        ByteBuf take() {
            ByteBuf taken = Objects.requireNonNull(data);
            data = null;
            return taken;
        }

        @Override
        Command make() {
            return commands.read(lba, blocks);
        }

        @Override
        @Nullable
        RuntimeException failure(Command command, ResponseCapsule response, int moved) {
            return commands.failure(command, response, moved);
        }

        @Override
        void answered(Command command, ResponseCapsule response, @Nullable ByteBuf received, int moved) {
            if (done) {
                releaseUnwanted(received);
                return;
            }
            inFlight = false;
            failure = failure(command, response, moved);
            if (failure == null) {
                data = trim(Objects.requireNonNull(received));
            } else {
                failed = true;
                releaseUnwanted(received);
            }
        }

        @Override
        void unanswered(RuntimeException cause, CommandOutcome outcome) {
            if (!done) {
                inFlight = false;
                failed = true;
                failure = cause;
            }
        }

        /** Narrows the first and the last chunk to the bytes that were asked for. */
        private ByteBuf trim(ByteBuf received) {
            long start = lba << commands.geometry().blockShift();
            int head = (int) Math.max(0, offset - start);
            int tail = (int) Math.max(0, start + bytes() - end);
            return head == 0 && tail == 0
                    ? received
                    : received.setIndex(received.readerIndex() + head, received.writerIndex() - tail);
        }
    }
}
