package io.nvmf.samples.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.command.Command;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a queue pair. Reads are made in advance and sent over and over, so that making them is not measured.
 * A command that carries data can be sent only once: where there are writes, or data is verified, each is made when it
 * is sent.
 */
final class Commands {

    /** On all queue pairs, so many that a random sequence is one, and few enough for the processor's cache. */
    private static final int PREPARED = 2_048;

    private final AccessSequence sequence;
    private final int namespaceId;
    private final int ioSize;
    private final int blocksPerIo;
    private final boolean verify;
    private final ByteBuf payload;
    private final Command @Nullable [] prepared;
    private int next;

    Commands(Workload workload, AccessSequence sequence, int namespaceId, int blockSize) {
        this.sequence = sequence;
        this.namespaceId = namespaceId;
        this.ioSize = workload.ioSize();
        this.blocksPerIo = ioSize / blockSize;
        // Not the default allocator: only the slices of pooled buffers are reused.
        this.payload =
                PooledByteBufAllocator.DEFAULT.directBuffer(ioSize, ioSize).writeZero(ioSize);
        this.verify = workload.verify();
        this.prepared = verify || workload.writes()
                ? null
                : prepare(Math.max(PREPARED / workload.totalQueuePairs(), 2 * workload.depth()));
    }

    private Command[] prepare(int count) {
        Command[] commands = new Command[count];
        for (int i = 0; i < count; i++) {
            sequence.advance();
            commands[i] = read();
        }
        return commands;
    }

    /** The next command to send, with data if it writes. */
    Command next() {
        Command[] commands = prepared;
        if (commands == null) {
            sequence.advance();
            return sequence.isRead() ? read() : write();
        }
        Command command = commands[next];
        next = next + 1 == commands.length ? 0 : next + 1;
        return command;
    }

    /** The unit of the command made last; means something only where data is verified. */
    long unit() {
        return sequence.unit();
    }

    /** To be called when no command is outstanding. */
    void release() {
        payload.release();
    }

    private Command read() {
        return Command.read(namespaceId, lba(), blocksPerIo, ioSize);
    }

    private Command write() {
        ByteBuf data = verify ? DataPattern.at(sequence.unit() * ioSize, ioSize) : payload.retainedDuplicate();
        return Command.write(namespaceId, lba(), blocksPerIo, 0, data);
    }

    private long lba() {
        return sequence.unit() * blocksPerIo;
    }
}
