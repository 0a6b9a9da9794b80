package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.nvmf.NvmeNamespace;
import io.nvmf.command.ByteRange;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Writes blocks as a stream, from buffers of any size. Its progress and its report are taken at their word; what is held of its
 * buffers is counted whenever it asks for another one.
 */
final class WriteStreamOperation extends Operation<TransferProgress> {

    private enum State {
        OPEN,
        ACKNOWLEDGED,
        SETTLED
    }

    private final int first;
    private final int count;
    private final WriteStreamOptions stream;

    /** Bytes of the buffers of the source. */
    private final List<Integer> pieces;

    private final int largestPiece;
    private final State[] states;

    /** What the source has emitted, but for what is known to have come back. The source's own. */
    private final List<ByteBuf> given = new ArrayList<>();

    /** The bytes of these. */
    private long givenBytes;

    private BlockModel.Write write;

    WriteStreamOperation(
            Workload workload,
            int first,
            int count,
            WriteStreamOptions stream,
            List<Integer> pieces,
            long demand,
            Runnable then) {
        super(
                workload,
                "write stream to blocks " + first + "+" + count,
                workload.options().streamLimit(),
                demand,
                then);
        this.first = first;
        this.count = count;
        this.stream = stream;
        this.pieces = pieces;
        this.largestPiece = pieces.stream().mapToInt(Integer::intValue).max().orElseThrow();
        this.states = new State[count];
        Arrays.fill(states, State.OPEN);
    }

    @Override
    Publisher<TransferProgress> publisher(NvmeNamespace namespace) {
        write = workload.model().beginWrite(first, count);
        workload.note(this + " is " + write);
        ByteBuf whole = workload.allocator().buffer(count * workload.blockSize());
        for (int i = 0; i < count; i++) {
            workload.content().write(whole, first + i, write.stamp);
        }
        byte[] bytes = new byte[whole.readableBytes()];
        whole.readBytes(bytes).release();
        Flux<ByteBuf> source = Flux.generate(() -> new int[2], (position, sink) -> {
            if (position[1] == pieces.size()) {
                sink.complete();
            } else {
                int length = pieces.get(position[1]++);
                sink.next(piece(bytes, position[0], length));
                position[0] += length;
            }
            return position;
        });
        return namespace.writeStream((long) first * workload.blockSize(), source, stream);
    }

    private ByteBuf piece(byte[] bytes, int from, int length) {
        // A buffer that is written in part is held as a whole: one at each edge of each command. And each event loop
        // may be about to give back the data of a command that has ended.
        int commands = stream.window() + stream.queues();
        long most = (long) commands * stream.chunkSize() + 2 * (commands + 1L) * largestPiece;
        if (givenBytes > most) {
            given.removeIf(buffer -> buffer.refCnt() == 0);
            givenBytes = given.stream().mapToLong(ByteBuf::capacity).sum();
        }
        if (givenBytes > most) {
            workload.fail(new AssertionError(this + " holds " + givenBytes + " bytes of at most " + most));
        }
        ByteBuf buffer = workload.allocator().buffer(length, length).writeBytes(bytes, from, length);
        given.add(buffer);
        givenBytes += length;
        workload.memory().handsIn(this, buffer);
        return buffer;
    }

    @Override
    void next(TransferProgress progress) {
        if (progress.peakBytesInFlight() > progress.limitBytes()) {
            throw new AssertionError(this + " has more in flight than its window: " + progress);
        }
        acknowledge(0, (int) (progress.bytesWritten() / workload.blockSize()));
    }

    private void acknowledge(int from, int to) {
        for (int i = from; i < to; i++) {
            if (states[i] == State.OPEN) {
                states[i] = State.ACKNOWLEDGED;
                workload.model().acknowledged(write, i, i + 1);
            }
        }
    }

    private void acknowledge(ByteRange range) {
        int blockSize = workload.blockSize();
        acknowledge((int) (range.offset() / blockSize) - first, (int) (range.end() / blockSize) - first);
    }

    @Override
    void ended(Throwable failure) {
        if (failure == null) {
            acknowledge(0, count);
        } else if (failure instanceof NvmeTransferException transfer) {
            report(transfer.report());
        } else if (!(failure instanceof NvmeException known)) {
            throw new AssertionError(this + " failed with none of the documented exceptions", failure);
        } else if (known.outcome() != CommandOutcome.NOT_SENT) {
            throw new AssertionError(this + " failed without a report", failure);
        }
        settle(State.OPEN, i -> workload.model().neverSent(write, i, i + 1));
        for (int i = 0; i < count; i++) {
            if (states[i] == State.ACKNOWLEDGED) {
                workload.free(first + i, 1);
            }
        }
    }

    private void report(TransferReport report) {
        if (report.peakBytesInFlight() > report.limitBytes()) {
            throw new AssertionError(this + " had more in flight than its window: " + report);
        }
        acknowledge(0, (int) (report.bytesWritten() / workload.blockSize()));
        report.writtenBeyond().forEach(this::acknowledge);
        int blockSize = workload.blockSize();
        for (ByteRange range : report.inDoubt()) {
            for (int i = (int) (range.offset() / blockSize) - first; i < (int) (range.end() / blockSize) - first; i++) {
                if (states[i] != State.OPEN) {
                    throw new AssertionError(this + " doubts block " + i + " that is acknowledged: " + report);
                }
                states[i] = State.SETTLED;
                workload.freeLater(write, i, i + 1);
            }
        }
    }

    private interface Settlement {
        void settle(int block);
    }

    private void settle(State which, Settlement settlement) {
        for (int i = 0; i < count; i++) {
            if (states[i] == which) {
                states[i] = State.SETTLED;
                settlement.settle(i);
                workload.free(first + i, 1);
            }
        }
    }

    @Override
    void cancelled() {
        for (int i = 0; i < count; i++) {
            if (states[i] == State.OPEN) {
                states[i] = State.SETTLED;
                workload.freeLater(write, i, i + 1);
            } else {
                workload.free(first + i, 1);
            }
        }
    }
}
