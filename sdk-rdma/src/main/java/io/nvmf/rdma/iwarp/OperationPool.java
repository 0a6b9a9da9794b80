package io.nvmf.rdma.iwarp;

import java.util.ArrayDeque;

/** Objects of operations that are over, for those that come. Event loop only. */
final class OperationPool {

    private final int most;
    private final ArrayDeque<Operation> free = new ArrayDeque<>();

    /**
     * Has none yet.
     *
     * @param most objects that are kept
     */
    OperationPool(int most) {
        this.most = most;
    }

    Operation take() {
        Operation known = free.poll();
        return known != null ? known : new Operation(this);
    }

    void give(Operation over) {
        if (free.size() < most) {
            free.push(over);
        }
    }
}
