package io.nvmf.host.queue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes queues in turn. One counter serves all threads, so that they take turns with one another, too. */
final class RoundRobin implements QueueSelector {

    private final HostQueue[] queues;

    /** Index of the next queue. It begins again at the end of the list, so it cannot overflow and no queue has two turns. */
    private final AtomicInteger turn = new AtomicInteger();

    RoundRobin(List<HostQueue> queues) {
        if (queues.isEmpty()) {
            throw new IllegalArgumentException("commands need at least one queue");
        }
        this.queues = queues.toArray(new HostQueue[0]);
    }

    @Override
    public HostQueue next() {
        if (queues.length == 1) {
            return queues[0];
        }
        int index;
        do {
            index = turn.get();
        } while (!turn.compareAndSet(index, index + 1 == queues.length ? 0 : index + 1));
        return queues[index];
    }
}
