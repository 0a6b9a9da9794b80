package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.DataAccount;

/**
 * The memory that data of one connection may take here, within what all connections may take: one budget for data
 * outside of capsules, another for data within, and the queue pair as the one that tells when data has left. Event loop
 * of the queue pair only.
 */
final class QueueMemory implements DataAccount {

    private final TransferBudget data;
    private final TransferBudget inCapsule;

    /** Whether the queue pair tells of what has left. */
    private boolean accounted;

    QueueMemory(EventExecutor executor, TargetOptions limits, TargetMemory all) {
        this.data = new TransferBudget(executor, limits.queueMemory(), all);
        this.inCapsule = new TransferBudget(executor, limits.inCapsuleMemory(), all);
    }

    /** Asks the queue pair to tell of what has left; before its commands are subscribed to. */
    void accountFor(ControllerQueuePair queuePair) {
        accounted = queuePair.account(this);
    }

    /** Of data both ways outside of capsules. */
    TransferBudget data() {
        return data;
    }

    /**
     * Data has been given to the connection; its memory comes back when it has left, as far as the queue pair can tell.
     */
    void handedOver(int bytes) {
        if (!accounted) {
            data.give(bytes);
        }
    }

    /** The connection has ended: nobody waits for memory any more. */
    void end() {
        data.end();
        inCapsule.end();
    }

    @Override
    public boolean takeInCapsule(int bytes, Runnable taken) {
        return inCapsule.take(new InCapsule(bytes, taken)) > 0;
    }

    @Override
    public void giveInCapsule(int bytes) {
        inCapsule.give(bytes);
    }

    @Override
    public void sent(int bytes) {
        data.give(bytes);
    }

    /** A capsule is in one piece, whatever the bounds. */
    private record InCapsule(int needed, Runnable taken) implements TransferBudget.Waiter {

        @Override
        public int unit() {
            return needed;
        }

        @Override
        public void granted(int bytes) {
            if (bytes > 0) {
                taken.run();
            }
        }
    }
}
