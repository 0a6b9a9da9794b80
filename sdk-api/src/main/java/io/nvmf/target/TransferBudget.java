package io.nvmf.target;

import java.util.ArrayDeque;

/** Bounds the memory that the transfers of one queue hold; whoever finds none left waits in order. Event loop only. */
final class TransferBudget {

    /** Bytes per queue. */
    static final int SIZE = 8 << 20;

    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private int available = SIZE;
    private boolean granting;

    /** A transfer that needs memory. */
    interface Waiter {

        /** Bytes needed, at most {@link #SIZE}. */
        int needed();

        /** The bytes are yours. */
        void granted();
    }

    /** True if the bytes are taken; false if the waiter will be told. */
    boolean take(Waiter waiter) {
        int needed = waiter.needed();
        if (waiters.isEmpty() && needed <= available) {
            available -= needed;
            return true;
        }
        waiters.add(waiter);
        return false;
    }

    /** Gives bytes back, and to those who wait. */
    void give(int bytes) {
        available += bytes;
        if (granting) {
            // Given back from inside a grant: the loop below goes on with it, and the stack does not grow with the
            // waiters.
            return;
        }
        granting = true;
        for (Waiter next = waiters.peek(); next != null && next.needed() <= available; next = waiters.peek()) {
            waiters.remove();
            available -= next.needed();
            next.granted();
        }
        granting = false;
    }
}
