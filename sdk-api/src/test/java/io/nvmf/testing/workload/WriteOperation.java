package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import org.reactivestreams.Publisher;

/** Writes blocks with one command and tells the model what became of them. Its blocks are nobody else's to write to until then. */
final class WriteOperation extends Operation<Void> {

    private final int first;
    private final int count;
    private BlockModel.Write write;

    WriteOperation(Workload workload, int first, int count, Runnable then) {
        super(
                workload,
                "write of blocks " + first + "+" + count,
                workload.options().singleLimit(),
                1,
                then);
        this.first = first;
        this.count = count;
    }

    @Override
    Publisher<Void> publisher(NvmeNamespace namespace) {
        write = workload.model().beginWrite(first, count);
        workload.note(this + " is " + write);
        ByteBuf data = workload.allocator().buffer(count * workload.blockSize());
        for (int i = 0; i < count; i++) {
            workload.content().write(data, first + i, write.stamp);
        }
        workload.memory().handsIn(this, data);
        return namespace.write(first, data);
    }

    @Override
    void next(Void element) {}

    @Override
    void ended(Throwable failure) {
        if (failure == null) {
            workload.model().acknowledged(write, 0, count);
            workload.free(first, count);
        } else if (!(failure instanceof NvmeException known)) {
            throw new AssertionError(this + " failed with none of the documented exceptions", failure);
        } else if (known.outcome() == CommandOutcome.UNKNOWN) {
            workload.freeLater(write, 0, count);
        } else {
            if (known.outcome() == CommandOutcome.ANSWERED) {
                workload.model().over(write, 0, count);
            } else {
                workload.model().neverSent(write, 0, count);
            }
            workload.free(first, count);
        }
    }

    @Override
    void cancelled() {
        workload.freeLater(write, 0, count);
    }
}
