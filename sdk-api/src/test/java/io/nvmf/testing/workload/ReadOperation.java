package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeException;
import io.nvmf.namespace.ReadStreamOptions;
import org.reactivestreams.Publisher;

/** Reads blocks with one command or as a stream, and checks each against the model. */
final class ReadOperation extends Operation<ByteBuf> {

    private final int first;
    private final int count;

    /** Null for a single command. */
    private final ReadStreamOptions stream;

    private long began;
    private int got;

    private ReadOperation(
            Workload workload, int first, int count, ReadStreamOptions stream, long demand, Runnable then) {
        super(
                workload,
                (stream == null ? "read" : "read stream") + " of blocks " + first + "+" + count,
                stream == null
                        ? workload.options().singleLimit()
                        : workload.options().streamLimit(),
                demand,
                then);
        this.first = first;
        this.count = count;
        this.stream = stream;
    }

    static ReadOperation single(Workload workload, int first, int count, Runnable then) {
        return new ReadOperation(workload, first, count, null, 1, then);
    }

    static ReadOperation stream(
            Workload workload, int first, int count, ReadStreamOptions options, long demand, Runnable then) {
        return new ReadOperation(workload, first, count, options, demand, then);
    }

    @Override
    Publisher<ByteBuf> publisher(NvmeNamespace namespace) {
        began = workload.model().beginRead();
        int blockSize = workload.blockSize();
        return stream == null
                ? namespace.read(first, count)
                : namespace.readStream((long) first * blockSize, (long) count * blockSize, stream);
    }

    @Override
    void next(ByteBuf element) {
        try {
            int blockSize = workload.blockSize();
            if (element.readableBytes() % blockSize != 0) {
                throw new AssertionError(this + " got " + element.readableBytes() + " bytes at a time");
            }
            for (int at = 0; at < element.readableBytes(); at += blockSize) {
                workload.check(began, first + got, element, element.readerIndex() + at);
                got++;
            }
        } finally {
            element.release();
        }
    }

    @Override
    void ended(Throwable failure) {
        if (failure == null && got != count) {
            throw new AssertionError(this + " ended with " + got + " blocks");
        }
        if (failure != null && !(failure instanceof NvmeException)) {
            throw new AssertionError(this + " failed with none of the documented exceptions", failure);
        }
    }

    @Override
    void cancelled() {}
}
