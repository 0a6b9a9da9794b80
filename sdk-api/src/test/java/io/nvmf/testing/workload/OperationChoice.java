package io.nvmf.testing.workload;

import io.nvmf.NvmeController;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Draws what a worker does next. */
final class OperationChoice {

    /** A source has about twice as many buffers at most. */
    private static final int BUFFERS = 1000;

    private final Workload workload;
    private final Random random;

    /** Blocks that somebody writes to. */
    private final BitSet busy;

    OperationChoice(Workload workload, Random random, BitSet busy) {
        this.workload = workload;
        this.random = random;
        this.busy = busy;
    }

    Operation<?> next(NvmeController controller, Runnable then) {
        WorkloadOptions options = workload.options();
        int kind = random.nextInt(16);
        if (kind == 0) {
            return options.resets() && random.nextInt(4) == 0
                    ? new ResetOperation(workload, controller, then)
                    : new FlushOperation(workload, then);
        }
        boolean stream = kind >= 11;
        int most = stream ? options.mostStreamBlocks() : options.mostBlocks();
        int count = 1 + random.nextInt(random.nextInt(8) == 0 ? most : Math.max(1, most / 4));
        int first = random.nextInt(workload.model().blockCount() - count + 1);
        boolean write = kind >= 5 && kind < 14 && (!isBusy(first, count) || random.nextInt(16) == 0);
        long demand = random.nextBoolean() ? 1 : Long.MAX_VALUE;
        if (!write) {
            if (stream) {
                return ReadOperation.stream(workload, first, count, readOptions(), demand, then);
            }
            return kind % 2 == 0
                    ? ReadOperation.single(workload, first, count, then)
                    : new ReadIntoOperation(workload, first, count, then);
        }
        busy.set(first, first + count);
        return stream
                ? new WriteStreamOperation(
                        workload, first, count, writeOptions(), pieces(count * workload.blockSize()), demand, then)
                : new WriteOperation(workload, first, count, then);
    }

    private boolean isBusy(int first, int count) {
        int next = busy.nextSetBit(first);
        return next >= 0 && next < first + count;
    }

    private int chunkSize() {
        return workload.blockSize()
                * (1 + random.nextInt(Math.max(1, workload.options().mostBlocks() / 4)));
    }

    private ReadStreamOptions readOptions() {
        return ReadStreamOptions.defaults()
                .chunkSize(chunkSize())
                .window(1 + random.nextInt(4))
                .queues(1 + random.nextInt(3));
    }

    private WriteStreamOptions writeOptions() {
        WriteStreamOptions chosen = WriteStreamOptions.defaults()
                .chunkSize(chunkSize())
                .window(1 + random.nextInt(4))
                .queues(1 + random.nextInt(3));
        return random.nextBoolean() ? chosen.durability(WriteStreamOptions.Durability.NONE) : chosen;
    }

    /** Lengths of the buffers of a source, of no relation to blocks; not so many that they keep an event loop busy. */
    private List<Integer> pieces(int length) {
        List<Integer> pieces = new ArrayList<>();
        int most = Math.max(1 + random.nextInt(workload.blockSize() * 4), length / BUFFERS);
        for (int left = length; left > 0; left -= pieces.get(pieces.size() - 1)) {
            pieces.add(Math.min(left, 1 + random.nextInt(most)));
        }
        return pieces;
    }
}
