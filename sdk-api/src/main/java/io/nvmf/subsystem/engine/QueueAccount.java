package io.nvmf.subsystem.engine;

import io.nvmf.transport.DataAccount;

/** Keeps a connection's budgets as its queue pair tells. */
final class QueueAccount implements DataAccount {

    private final TransferBudget data;
    private final TransferBudget inCapsule;

    QueueAccount(TransferBudget data, TransferBudget inCapsule) {
        this.data = data;
        this.inCapsule = inCapsule;
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
