package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.JvmFailures;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A slot owner that works in steps: whoever has something for it, on any thread, records that and
 * {@linkplain #wake wakes} the event loop, where one step after the other does what can be done by then. A call that
 * comes from inside a step or a call-back makes no step of its own, so that the stack does not grow: the outermost one
 * goes round once more.
 */
abstract class StepwiseOwner extends SlotOwner implements EventLoopTasks.WakeUp {

    private static final AtomicIntegerFieldUpdater<StepwiseOwner> WOKEN =
            AtomicIntegerFieldUpdater.newUpdater(StepwiseOwner.class, "woken");

    /** Nobody is inside. */
    private static final int IDLE = 0;

    /** Somebody is inside. */
    private static final int UNDER_WAY = 1;

    /** Somebody is inside and has to go round once more. */
    private static final int AGAIN = 2;

    private final EventExecutor executor;
    private volatile int woken;

    /** No enum, because storing a reference costs the garbage collector's barrier. */
    private int turn = IDLE;

    StepwiseOwner(EventExecutor executor) {
        this.executor = executor;
    }

    /** Does whatever can be done now. */
    abstract void step();

    /**
     * A step has thrown.
     *
     * @return whether another step is needed for that
     */
    abstract boolean stepFailed(Throwable thrown);

    /** The event loop is no more, and nobody else is at work on this owner. */
    abstract void loopGone();

    /** Something was recorded that the event loop has to look at. Any thread. */
    final void wake() {
        if (executor.inEventLoop()) {
            advance();
        } else if (woken == 0 && WOKEN.compareAndSet(this, 0, 1)) {
            EventLoopTasks.wake(executor, this);
        }
    }

    @Override
    public final void afterTheEnd() {
        woken = 0;
        loopGone();
    }

    @Override
    public final void run() {
        woken = 0;
        advance();
    }

    /**
     * Makes steps until nothing has come meanwhile. What a step throws is handed to {@link #stepFailed}. Event loop
     * only.
     */
    final void advance() {
        if (turn != IDLE) {
            turn = AGAIN;
            return;
        }
        Throwable last = null;
        do {
            turn = UNDER_WAY;
            try {
                step();
            } catch (Throwable thrown) {
                last = thrown;
                if (stepFailed(thrown)) {
                    turn = AGAIN;
                }
            }
        } while (turn == AGAIN);
        turn = IDLE;
        if (last != null) {
            JvmFailures.throwIfJvmFailure(last);
        }
    }

    /**
     * Keeps steps from being made while code of users is called. Event loop only.
     *
     * @return whether this is the outermost call, for {@link #leave}
     */
    final boolean enter() {
        if (turn != IDLE) {
            return false;
        }
        turn = UNDER_WAY;
        return true;
    }

    /** Ends what {@link #enter} began, and {@linkplain #advance advances}. */
    final void leave(boolean outermost) {
        if (outermost) {
            turn = IDLE;
        }
        advance();
    }
}
