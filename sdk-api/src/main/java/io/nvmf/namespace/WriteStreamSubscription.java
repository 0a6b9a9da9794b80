package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Dropped;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * One subscription to a write stream: buffers in, chunks out, progress back.
 *
 * <p>Two flows meet here and neither drives the other. The source is asked for its next buffer only while what is held,
 * waiting or in flight, is below window × chunk size. The subscriber's demand is for progress only: one element says
 * what is true when it is emitted, and progress that nobody requested is dropped. Chunks go to all queues of the
 * stream; the few other commands go to its home.
 */
final class WriteStreamSubscription extends StreamSubscription {

    private final NvmCommands commands;
    private final NamespaceGeometry geometry;
    private final boolean volatileWriteCache;
    private final WriteStreamOptions options;
    private final SourceSubscriber input;
    private final ByteAccumulator waiting;
    private final EdgeBlockMerge edges;
    private final WriteLedger ledger;
    private final int chunkBlocks;
    private final long offset;
    private final long capacity;

    private CoreSubscriber<? super TransferProgress> actual;
    private long emitted;
    private long nextLba;
    private boolean sourceEnded;
    private @Nullable FlushCommand flush;
    private boolean flushed;

    /** Why nothing is submitted any more; reported when nothing is in flight any more. */
    private @Nullable Throwable failure;

    /** What was wrong with the end of the source; reported when all that could be written is. */
    private @Nullable NvmeException endFailure;

    WriteStreamSubscription(
            CoreSubscriber<? super TransferProgress> actual,
            NvmCommands commands,
            QueueSelector queues,
            int mostQueues,
            boolean volatileWriteCache,
            long offset,
            WriteStreamOptions options) {
        super(queues, mostQueues, options.timeout());
        this.actual = actual;
        this.commands = commands;
        this.geometry = commands.geometry();
        this.volatileWriteCache = volatileWriteCache;
        this.options = options;
        this.offset = offset;
        this.nextLba = offset >>> geometry.blockShift();
        this.capacity = options.expectedLength() < 0 ? geometry.size() - offset : options.expectedLength();
        this.chunkBlocks = geometry.chunkBlocks(options.chunkSize());
        this.input = new SourceSubscriber(this, actual.currentContext());
        this.waiting = new ByteAccumulator(home.queuePair().allocator());
        this.ledger = new WriteLedger(
                offset,
                Math.min(options.window(), slots()),
                chunkBlocks << geometry.blockShift(),
                options.statistics());
        this.edges = new EdgeBlockMerge(commands, this, waiting, ledger, offset);
    }

    SourceSubscriber input() {
        return input;
    }

    boolean isCancelled() {
        return cancelled;
    }

    @Override
    Context currentContext() {
        return actual.currentContext();
    }

    @Override
    void proceed() {
        if (done) {
            input.cancel();
            return;
        }
        if (cancelled) {
            takeBack();
            end(null);
            return;
        }
        IllegalArgumentException bad = badRequest;
        if (bad != null) {
            takeBack();
            end(bad);
            return;
        }
        NvmeException overdue = overdue();
        if (overdue != null) {
            takeBack();
            terminate(overdue);
            return;
        }
        register();
        if (interruptions() != 0) {
            ledger.interrupted(isPaused(), interruptions());
        }
        receive();
        if (closed != null && (!sourceEnded || !waiting.isEmpty())) {
            fail(closed);
        }
        write();
        finish();
    }

    private void receive() {
        boolean ended = input.ended();
        ByteBuf buffer = input.poll();
        if (buffer != null) {
            accept(buffer);
        }
        if (ended && !sourceEnded && failure == null) {
            sourceEnded = true;
            Throwable error = input.error();
            if (error != null) {
                fail(error);
            } else if (ledger.received() < options.expectedLength()) {
                endFailure = new NvmeLimitException(
                        "length of the source",
                        ledger.received(),
                        options.expectedLength(),
                        "the source ended before the expected length");
            }
        }
    }

    private void accept(ByteBuf buffer) {
        if (failure != null || buffer.refCnt() < 1) {
            Discarded.release(buffer);
            fail(new IllegalArgumentException("the source emitted a buffer that was released before"));
            return;
        }
        int length = buffer.readableBytes();
        long room = capacity - ledger.received();
        ledger.received(length);
        if (length <= room) {
            try {
                waiting.add(buffer);
            } catch (OutOfMemoryError exhausted) {
                fail(noMemory(length, exhausted));
            }
            return;
        }
        buffer.release();
        fail(new NvmeLimitException(
                "length of the source",
                ledger.received(),
                capacity,
                options.expectedLength() < 0
                        ? "the namespace ends " + capacity + " bytes behind offset " + offset
                        : "the source is longer than expected"));
    }

    private void write() {
        while (failure == null && !waiting.isEmpty() && ledger.hasRoom()) {
            int bytes = edges.headReady() ? nextChunk() : 0;
            if (bytes == 0) {
                break;
            }
            ByteBuf data;
            try {
                data = waiting.take(bytes);
            } catch (OutOfMemoryError exhausted) {
                fail(noMemory(bytes, exhausted));
                break;
            }
            WriteChunk chunk = ledger.next(this);
            chunk.begin(nextLba << geometry.blockShift(), data);
            nextLba += bytes >>> geometry.blockShift();
            edges.headWritten();
            ledger.submitted(chunk);
            submit(chunk);
        }
        if (failure == null
                && edges.bytesToCome() + waiting.readableBytes() + ledger.bytesInFlight() < ledger.limit()) {
            demand();
        }
    }

    private void demand() {
        try {
            input.demand();
        } catch (Throwable thrown) {
            JvmFailures.throwIfJvmFailure(thrown);
            fail(thrown);
        }
    }

    private RuntimeException noMemory(int bytes, OutOfMemoryError exhausted) {
        return commands.failures().noMemory("joining small buffers of a source", bytes, exhausted);
    }

    /** Bytes of the next write, 0 if more have to come first. */
    private int nextChunk() {
        int bytes = geometry.chunkAt(nextLba, geometry.blocks(), chunkBlocks) << geometry.blockShift();
        long available = waiting.readableBytes();
        if (available >= bytes) {
            return bytes;
        }
        if (!sourceEnded) {
            return 0;
        }
        int rest = (int) (available & geometry.blockSize() - 1);
        if (available != rest) {
            return (int) available - rest;
        }
        if (options.unaligned() == WriteStreamOptions.Unaligned.READ_MODIFY_WRITE && endFailure == null) {
            edges.fillTail(nextLba, rest);
            return waiting.readableBytes() == geometry.blockSize() ? geometry.blockSize() : 0;
        }
        ledger.leftOver(rest);
        waiting.release();
        if (endFailure == null) {
            endFailure = geometry.partialBlockViolation("a source", ledger.received());
        }
        return 0;
    }

    private void finish() {
        if (failure != null) {
            if (ledger.isIdle()) {
                terminate(failure);
            }
            return;
        }
        boolean written = sourceEnded && waiting.isEmpty() && ledger.isIdle();
        if (written
                && options.durability() == WriteStreamOptions.Durability.FLUSH
                && !flushed
                && ledger.anySubmitted()) {
            if (flush == null) {
                flush = new FlushCommand(this);
                submit(flush);
            }
            written = false;
        }
        if (written && endFailure != null) {
            terminate(endFailure);
        } else if (emitted < requested && (written || ledger.pollChanged())) {
            emitted++;
            actual.onNext(ledger.progress(written, written && durable()));
            if (written) {
                terminate(null);
            }
        }
    }

    private boolean durable() {
        return !volatileWriteCache || flushed || options.durability() == WriteStreamOptions.Durability.FUA;
    }

    /** Stops taking and submitting; what is in flight is waited for. */
    private void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
            input.cancel();
            waiting.release();
            edges.headWritten();
        }
    }

    @Override
    void broken(Throwable thrown) {
        if (done || cancelled) {
            Dropped.error(thrown, actual.currentContext());
        }
        if (!done) {
            takeBack();
            terminate(thrown);
        }
    }

    private void terminate(@Nullable Throwable cause) {
        if (cause == null) {
            end(null);
            return;
        }
        TransferReport report = ledger.report(durable());
        String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        end(new NvmeTransferException(
                "the write stream to namespace " + Integer.toUnsignedString(geometry.nsid()) + " failed: " + reason
                        + "; " + report,
                report,
                cause));
    }

    /** Lets go of source, queue and subscriber, and tells the subscriber unless it cancelled. */
    private void end(@Nullable Throwable signal) {
        done = true;
        deregister();
        input.cancel();
        waiting.release();
        edges.headWritten();
        CoreSubscriber<? super TransferProgress> subscriber = actual;
        // Orphaned requests may outlive the subscription, and must not keep the subscriber.
        actual = Operators.emptySubscriber();
        if (cancelled) {
            return;
        }
        if (signal == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(signal);
        }
    }

    /** Waits for nothing: unsent requests are taken back, sent ones become orphans of the queue. */
    private void takeBack() {
        for (WriteChunk chunk : ledger.inFlight()) {
            chunk.cancel();
            if (chunk.state() == WriteChunk.State.IN_FLIGHT) {
                chunk.cancelled();
                ledger.ended(chunk);
            }
        }
        edges.cancel();
        if (flush != null && !flushed) {
            flush.cancel();
        }
    }

    Command write(long at, ByteBuf data) {
        return commands.write(
                at >>> geometry.blockShift(),
                data.readableBytes() >>> geometry.blockShift(),
                options.durability() == WriteStreamOptions.Durability.FUA,
                data);
    }

    BlockExtent extent(long at, int bytes) {
        long lba = at >>> geometry.blockShift();
        return new BlockExtent(geometry.nsid(), lba, lba + (bytes >>> geometry.blockShift()));
    }

    @Nullable
    RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
        return commands.failure(command, response, bytes);
    }

    boolean hasFailed() {
        return failure != null;
    }

    void ended(WriteChunk chunk, @Nullable RuntimeException cause) {
        ledger.ended(chunk);
        if (cause != null) {
            fail(cause);
        }
    }

    /** A chunk never left, because this stream was abandoned. */
    void takenBack(WriteChunk chunk) {
        ledger.ended(chunk);
    }

    void commandEnded(@Nullable RuntimeException cause) {
        if (cause != null) {
            fail(cause);
        }
        signal();
    }

    /** The Flush command behind the last write. */
    private final class FlushCommand extends StreamCommand {

        FlushCommand(StreamSubscription stream) {
            super(stream);
        }

        @Override
        Command make() {
            return commands.flush();
        }

        @Override
        @Nullable
        RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
            return commands.failure(command, response, bytes);
        }

        @Override
        void answered(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            RuntimeException cause = failure(command, response, bytes);
            flushed = cause == null;
            commandEnded(cause);
        }

        @Override
        void unanswered(RuntimeException cause, CommandOutcome outcome) {
            commandEnded(cause);
        }
    }
}
