package io.nvmf.testing;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/** An event loop that takes no tasks any more once it is shut down, but has not ended before it may. */
public final class SlowlyEndingExecutor extends SingleThreadEventExecutor {

    private volatile boolean mayEnd;
    private final AtomicInteger turns = new AtomicInteger();

    public SlowlyEndingExecutor() {
        super(null, new DefaultThreadFactory("slowly-ending"), true);
    }

    /** Lets it end, now or when it is shut down. */
    public void mayEnd() {
        mayEnd = true;
    }

    @Override
    protected void run() {
        while (!confirmShutdown()) {
            Runnable task = takeTask();
            if (task != null) {
                runTask(task);
                updateLastExecutionTime();
            }
        }
    }

    /** Waits busily, because event loops are watched for calls that block. */
    @Override
    protected void cleanup() {
        while (!mayEnd) {
            turns.incrementAndGet();
        }
    }
}
