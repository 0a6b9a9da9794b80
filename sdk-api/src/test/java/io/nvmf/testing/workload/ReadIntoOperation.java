package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.NvmeException;
import org.reactivestreams.Publisher;

/** Reads blocks into memory of the workload, which is watched afterwards: nobody may write to it any more. */
final class ReadIntoOperation extends Operation<Void> {

    private final int first;
    private final int count;
    private final ByteBuf destination;
    private long began;

    ReadIntoOperation(Workload workload, int first, int count, Runnable then) {
        super(
                workload,
                "read of blocks " + first + "+" + count + " into memory",
                workload.options().singleLimit(),
                1,
                then);
        this.first = first;
        this.count = count;
        int length = count * workload.blockSize();
        this.destination = workload.allocator().buffer(length, length);
    }

    @Override
    Publisher<Void> publisher(NvmeNamespace namespace) {
        began = workload.model().beginRead();
        return namespace.readInto(first, destination);
    }

    @Override
    void next(Void element) {}

    @Override
    void ended(Throwable failure) {
        if (failure == null) {
            for (int i = 0; i < count; i++) {
                workload.check(began, first + i, destination, i * workload.blockSize());
            }
        } else if (!(failure instanceof NvmeException)) {
            throw new AssertionError(this + " failed with none of the documented exceptions", failure);
        }
        workload.memory().watch(this, destination);
    }

    @Override
    void cancelled() {
        workload.memory().watch(this, destination);
    }
}
