package io.nvmf.host.queue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes queues in turn. One counter serves all threads, so that they take turns with one another, too. */
final class RoundRobin implements QueueSelector {

    private final List<HostQueue> queues;

    /**
     * Index of the next queue. It begins again at the end of the list, so it cannot overflow and no queue has two
     * turns.
     */
    private final AtomicInteger turn = new AtomicInteger();

    RoundRobin(List<HostQueue> queues) {
        if (queues.isEmpty()) {
            throw new IllegalArgumentException("commands need at least one queue");
        }
        this.queues = List.copyOf(queues);
    }

    @Override
    public HostQueue next() {
        return queues.get(nextIndex());
    }

    @Override
    public List<HostQueue> forStream(int most) {
        if (queues.size() == 1) {
            return queues;
        }
        int count = Math.min(most, queues.size());
        int first = nextIndex();
        if (count == 1) {
            return List.of(queues.get(first));
        }
        HostQueue[] chosen = new HostQueue[count];
        for (int i = 0; i < count; i++) {
            chosen[i] = queues.get((first + i) % queues.size());
        }
        return List.of(chosen);
    }

    private int nextIndex() {
        if (queues.size() == 1) {
            return 0;
        }
        int index;
        do {
            index = turn.get();
        } while (!turn.compareAndSet(index, index + 1 == queues.size() ? 0 : index + 1));
        return index;
    }
}
