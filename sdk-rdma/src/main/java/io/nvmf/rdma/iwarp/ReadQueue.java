package io.nvmf.rdma.iwarp;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads of the peer that are not answered yet, in order. They wait here while the channel takes nothing, so that
 * reading from the socket never waits for them; how many there may be was agreed on. Event loop only.
 */
final class ReadQueue {

    private final int most;
    private final ArrayDeque<ReadResponse> waiting = new ArrayDeque<>();
    private final ArrayDeque<ReadResponse> leaving = new ArrayDeque<>();

    ReadQueue(int most) {
        this.most = most;
    }

    boolean isFull() {
        return waiting.size() >= most;
    }

    void add(ReadResponse response) {
        waiting.add(response);
    }

    @Nullable
    ReadResponse next() {
        return waiting.peek();
    }

    /** The last bytes of the first are written. */
    void answered() {
        leaving.add(waiting.remove());
    }

    /** The socket has taken everything up to this batch. */
    void left(long batch) {
        for (ReadResponse first = leaving.peek(); first != null && first.batch <= batch; first = leaving.peek()) {
            leaving.remove().gone();
        }
    }

    /** Answers nothing any more; memory of what has been started is kept until {@link #release}. */
    void stop() {
        ReadResponse first = waiting.peek();
        if (first != null && first.isStarted()) {
            leaving.add(first);
        }
        waiting.clear();
    }

    /** The socket has nothing any more. */
    void release() {
        stop();
        left(Long.MAX_VALUE);
    }
}
