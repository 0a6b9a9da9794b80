package io.nvmf.rdma.testing;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.support.CallBacks;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.util.concurrent.Queues;

/** What comes from the other end, in order, in later turns of this end's event loop. All methods from any thread. */
final class MemoryInbox {

    private final EventExecutor executor;
    private final Queue<Runnable> arrived =
            Queues.<Runnable>unboundedMultiproducer().get();
    private final AtomicInteger arrivals = new AtomicInteger();
    private volatile boolean held;

    MemoryInbox(EventExecutor executor) {
        this.executor = executor;
    }

    void post(Runnable crossing) {
        arrived.add(crossing);
        if (arrivals.getAndIncrement() == 0) {
            EventLoopTasks.later(executor, this::drain);
        }
    }

    /** Lets what comes pile up. */
    void hold() {
        held = true;
    }

    /** Takes what has piled up. */
    void release() {
        held = false;
        EventLoopTasks.later(executor, this::drain);
    }

    private void drain() {
        int missed = arrivals.get();
        while (missed != 0) {
            while (!held) {
                Runnable crossing = arrived.poll();
                if (crossing == null) {
                    break;
                }
                CallBacks.guarded(crossing); // one that fails must not keep the rest from coming
            }
            if (held) {
                return; // with arrivals left above 0, so that nobody but release() schedules the next pass
            }
            missed = arrivals.addAndGet(-missed);
        }
    }
}
