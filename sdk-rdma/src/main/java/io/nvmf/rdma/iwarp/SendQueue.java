package io.nvmf.rdma.iwarp;

import io.nvmf.rdma.spi.RdmaException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Messages, writes and reads of this side, in order: those that wait to be sent, those that the socket has not taken
 * yet, and reads that wait for their data. A read beyond what the peer serves at once waits, and what comes after it,
 * too, as the contract has them issued in order. Event loop only.
 */
final class SendQueue {

    private final int most;
    private final int mostReads;
    private final ArrayDeque<Operation> waiting = new ArrayDeque<>();
    private final ArrayDeque<Operation> leaving = new ArrayDeque<>();
    private final ArrayDeque<Operation> reading = new ArrayDeque<>();

    /** Posted and not completed. */
    private int posted;

    SendQueue(int most, int mostReads) {
        this.most = most;
        this.mostReads = mostReads;
    }

    boolean isFull() {
        return posted >= most;
    }

    int mostReads() {
        return mostReads;
    }

    void add(Operation operation) {
        posted++;
        waiting.add(operation);
    }

    /** A read of nothing, with which an initiator says that it is ready; it is not the user's, and counts nowhere. */
    void addFirst(Operation nothing) {
        waiting.addFirst(nothing);
    }

    /** What is to be sent next; null if there is nothing, or a read that has to wait. */
    @Nullable
    Operation next() {
        Operation first = waiting.peek();
        boolean waits =
                first != null && first.kind == Operation.Kind.READ && first.length > 0 && reading.size() >= mostReads;
        return waits ? null : first;
    }

    /** All of the first is written to the channel, as part of a batch. */
    void sent(long batch) {
        Operation first = waiting.remove();
        first.batch = batch;
        (first.kind == Operation.Kind.READ ? reading : leaving).add(first);
    }

    /** The read whose data comes next; null if none is out. */
    @Nullable
    Operation reading() {
        return reading.peek();
    }

    /** The first read has its data. */
    void read() {
        Operation first = reading.remove();
        if (first.length > 0) {
            posted--;
        }
        first.complete(null);
    }

    /** The socket has taken everything up to this batch. */
    void left(long batch) {
        for (Operation first = leaving.peek(); first != null && first.batch <= batch; first = leaving.peek()) {
            posted--;
            leaving.remove().complete(null);
        }
    }

    /** What waits is not sent any more, nor are its completions called before {@link #flush}. */
    void stop() {
        keep(operation -> true);
    }

    /** Reads that wait are not sent any more, as their data would not be taken. */
    void stopReads() {
        keep(operation -> operation.kind == Operation.Kind.READ);
    }

    private void keep(Predicate<Operation> stopped) {
        waiting.removeIf(operation -> {
            boolean stops = stopped.test(operation);
            if (stops) {
                reading.add(operation);
            }
            return stops;
        });
    }

    /** Completes everything in the order of the calls: nothing of it is done any more. */
    void flush() {
        List<Operation> all = new ArrayList<>(waiting);
        all.addAll(leaving);
        all.addAll(reading);
        waiting.clear();
        leaving.clear();
        reading.clear();
        posted = 0;
        all.sort(Comparator.comparingLong(operation -> operation.number));
        for (Operation operation : all) {
            operation.complete(
                    new RdmaException(RdmaException.Kind.FLUSHED, "the connection ended before this was done"));
        }
    }
}
