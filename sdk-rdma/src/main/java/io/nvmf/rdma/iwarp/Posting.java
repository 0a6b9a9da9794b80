package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.spec.Require;
import io.nvmf.transport.EventLoopTasks;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns calls into operations, and refuses what cannot be done; later, as completions never come within a call. */
final class Posting {

    private final EventExecutor executor;
    private final SendQueue sends;
    private final KeySource keys;
    private final int most;

    private final OperationPool pool;

    private long operations;

    Posting(EventExecutor executor, SendQueue sends, KeySource keys, int most) {
        this.executor = executor;
        this.sends = sends;
        this.keys = keys;
        this.most = most;
        this.pool = new OperationPool(most);
    }

    private Operation begin(Operation.Kind kind, RdmaCompletion completion) {
        return pool.take().begin(operations++, kind, completion);
    }

    Operation send(ByteBuf header, @Nullable ByteBuf data, int invalidate, RdmaCompletion completion) {
        if (!header.isReadable()) {
            header.release();
            ReferenceCountUtil.release(data);
            throw new IllegalArgumentException("a message without a first byte");
        }
        int index = data == null ? 0 : data.readerIndex();
        int length = data == null ? 0 : data.readableBytes();
        return begin(Operation.Kind.SEND, completion)
                .memory(header, data, index, length)
                .window(0, invalidate);
    }

    Operation write(ByteBuf data, long address, int key, RdmaCompletion completion) {
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
            throw new IllegalArgumentException("a write without a byte");
        }
        return begin(Operation.Kind.WRITE, completion)
                .memory(null, data, data.readerIndex(), length)
                .window(address, key);
    }

    Operation read(ByteBuf memory, int index, int length, long address, int key, RdmaCompletion completion) {
        Objects.checkFromIndexSize(index, length, memory.capacity());
        Require.positive("length", length);
        memory.retain();
        return named(begin(Operation.Kind.READ, completion)
                .memory(null, memory, index, length)
                .window(address, key));
    }

    /** With which an initiator says that it is ready. Its STag is not 0 because some hardware refuses that. */
    Operation readNothing() {
        return named(begin(Operation.Kind.READ, failure -> {})
                .memory(null, null, 0, 0)
                .window(0, 1));
    }

    private Operation named(Operation read) {
        read.sinkKey = keys.nextInt() | 1; // not 0
        read.sinkOffset = keys.nextLong() >>> 1; // does not wrap
        return read;
    }

    /**
     * Takes an operation, which completes in any case.
     *
     * @return whether there is something to be sent
     */
    boolean post(Operation operation, boolean ended) {
        if (ended) {
            refuse(operation, RdmaException.Kind.FLUSHED, "the connection has ended");
        } else if (operation.kind == Operation.Kind.READ && sends.mostReads() == 0) {
            refuse(operation, RdmaException.Kind.EXHAUSTED, "the peer serves no reads");
        } else if (sends.isFull()) {
            refuse(operation, RdmaException.Kind.EXHAUSTED, most + " operations are posted and not completed");
        } else {
            sends.add(operation);
            return true;
        }
        return false;
    }

    private void refuse(Operation operation, RdmaException.Kind kind, String message) {
        EventLoopTasks.later(executor, () -> operation.complete(new RdmaException(kind, message)));
    }
}
