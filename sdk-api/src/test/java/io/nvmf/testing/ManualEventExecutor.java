package io.nvmf.testing;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An executor whose turns the test takes itself, one by one and on its own thread: nothing happens in between, so every
 * interleaving can be written down. Outside a turn the test's thread is a foreign thread. Tasks may come from any thread; turns
 * are one thread's at a time.
 */
public final class ManualEventExecutor extends AbstractEventExecutor {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private volatile Thread turning;
    private volatile boolean shutDown;
    private volatile boolean full;
    private final AtomicInteger rejected = new AtomicInteger();
    private int executed;

    /** Takes one turn: runs the tasks that are there now, not those they add. Returns how many ran. */
    public int turn() {
        return turn(Integer.MAX_VALUE);
    }

    /** The same, but runs no more than so many tasks. */
    public int turn(int most) {
        int count = Math.min(most, tasks.size());
        call(() -> {
            for (int i = 0; i < count; i++) {
                runNext();
            }
        });
        return count;
    }

    /** Takes turns until nothing is left to do. */
    public void pump() {
        call(() -> {
            while (!tasks.isEmpty()) {
                runNext();
            }
        });
    }

    /** Runs a task behind what waits, and everything that follows from it. */
    public void run(Runnable task) {
        tasks.add(task);
        pump();
    }

    /** Takes turns of all executors in rotation until nothing is left to do anywhere. */
    public static void settle(ManualEventExecutor... executors) {
        int ran;
        do {
            ran = 0;
            for (ManualEventExecutor executor : executors) {
                ran += executor.turn();
            }
        } while (ran > 0);
    }

    /** Runs an action as a turn of its own, ahead of what waits. */
    public void call(Runnable action) {
        Thread before = turning;
        turning = Thread.currentThread();
        try {
            action.run();
        } finally {
            turning = before;
        }
    }

    /** Runs an action as another thread would, in the middle of a turn or between two. */
    public void elsewhere(Runnable action) {
        Thread before = turning;
        turning = null;
        try {
            action.run();
        } finally {
            turning = before;
        }
    }

    /** Takes no tasks any more, and no turns: those that wait are lost. */
    public void shutDown() {
        shutDown = true;
        tasks.clear();
    }

    /** From now on takes tasks or refuses them, as an event loop does that has too many and goes on. */
    public void full(boolean refuses) {
        full = refuses;
    }

    /** Tasks that were refused. */
    public int rejected() {
        return rejected.get();
    }

    /** Tasks that wait for a turn. */
    public int pendingTasks() {
        return tasks.size();
    }

    /** Tasks that have run since the beginning. */
    public int executed() {
        return executed;
    }

    private void runNext() {
        executed++;
        tasks.remove().run();
    }

    @Override
    public void execute(Runnable task) {
        if (shutDown) {
            rejected.incrementAndGet();
            throw new RejectedExecutionException("the test has shut this event loop down");
        }
        if (full) {
            rejected.incrementAndGet();
            throw new RejectedExecutionException("the test has filled this event loop");
        }
        tasks.add(task);
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return turning == thread;
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return terminationFuture();
    }

    /** Has no end, and runs at once what waits for it. */
    @Override
    public Future<?> terminationFuture() {
        return ImmediateEventExecutor.INSTANCE.newFailedFuture(
                new UnsupportedOperationException("turns end when the test stops taking them"));
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // Netty declares it abstract, so somebody has to implement it.
    public void shutdown() {}

    @Override
    public boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return false;
    }
}
