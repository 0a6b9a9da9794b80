package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory that one kind of data takes on one connection, within what all connections may take together.
 * Whoever finds none left waits in order. Event loop only.
 *
 * <p>Who holds nothing is always granted something, be it more than the bounds: a command larger than the budget goes
 * alone, and no connection is stopped for good by what others hold.
 */
final class TransferBudget {

    /**
     * Most bytes that a connection which holds nothing is granted while the memory of all is used up, if a block is not
     * larger.
     */
    static final int LEAST = 16 * 1024;

    private final EventExecutor executor;
    private final int size;
    private final TargetMemory memory;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private int held;
    private boolean granting;
    private boolean ended;

    /** What the first waiter waits for, if it is the memory of all. */
    private TargetMemory.@Nullable Claim claim;

    /** Whom the claim is for. */
    private @Nullable Waiter claimant;

    /** A transfer that needs memory. */
    interface Waiter {

        /** Bytes needed; may become fewer while waiting, 0 if none are needed any more. */
        int needed();

        /** Bytes are granted in multiples of this, unless all are. */
        int unit();

        /**
         * The bytes are yours.
         *
         * @param bytes at most what is needed; 0 if none are needed, or if the connection has ended
         */
        void granted(int bytes);
    }

    TransferBudget(EventExecutor executor, int size, TargetMemory memory) {
        this.executor = executor;
        this.size = size;
        this.memory = memory;
    }

    EventExecutor executor() {
        return executor;
    }

    int held() {
        return held;
    }

    /** The bytes that are taken, at most what is needed; 0 if the waiter will be told. */
    int take(Waiter waiter) {
        if (waiters.isEmpty()) {
            int taken = tryTake(waiter);
            if (taken > 0) {
                return taken;
            }
        }
        waiters.add(waiter);
        if (waiters.size() == 1) {
            await(waiter);
        }
        return 0;
    }

    /** Gives bytes back, and to those who wait. */
    void give(int bytes) {
        held -= bytes;
        memory.give(bytes);
        serve();
    }

    /** A waiter needs nothing any more, and is not told of it. */
    void withdraw(Waiter waiter) {
        boolean first = waiters.peek() == waiter;
        waiters.remove(waiter);
        if (first) {
            claimant = null;
            TargetMemory.Claim open = claim;
            if (open != null && open.withdraw()) {
                claim = null;
            }
            serve();
        }
    }

    /** The connection has ended: all who wait are told so, nobody waits any more. */
    void end() {
        ended = true;
        TargetMemory.Claim open = claim;
        if (open != null && open.withdraw()) {
            claim = null;
        }
        serve();
    }

    /** The memory of a claim is there. */
    void claimed(TargetMemory.Claim granted) {
        claim = null;
        Waiter first = waiters.peek();
        if (ended || first == null || first != claimant || first.needed() < granted.bytes()) {
            memory.give(granted.bytes());
        } else {
            held += granted.bytes();
            waiters.remove();
            first.granted(granted.bytes());
        }
        serve();
    }

    private void serve() {
        if (granting) {
            // Given back from inside a grant: the loop below goes on with it, and the stack does not grow with the
            // waiters.
            return;
        }
        granting = true;
        try {
            serveInOrder();
        } finally {
            granting = false;
        }
    }

    private void serveInOrder() {
        for (Waiter next = waiters.peek(); next != null && withdrawn(); next = waiters.peek()) {
            int bytes = ended ? 0 : tryTake(next);
            if (bytes == 0 && !ended && next.needed() > 0) {
                await(next);
                return;
            }
            waiters.remove();
            next.granted(bytes);
        }
    }

    /** Whether there is no claim that may yet be granted. */
    private boolean withdrawn() {
        TargetMemory.Claim open = claim;
        if (open == null) {
            return true;
        }
        if (held == 0 && open.withdraw()) {
            // Nothing of this connection will come back, so it need not wait for others.
            claim = null;
            return true;
        }
        return false;
    }

    private void await(Waiter waiter) {
        int wanted = wanted(waiter);
        if (claim == null && fits(wanted)) {
            TargetMemory.Claim open = new TargetMemory.Claim(this, wanted);
            claim = open;
            claimant = waiter;
            memory.await(open);
        }
    }

    private int tryTake(Waiter waiter) {
        int wanted = wanted(waiter);
        if (wanted == 0 || !fits(wanted)) {
            return 0;
        }
        if (!memory.take(wanted)) {
            if (held > 0) {
                return 0;
            }
            wanted = limited(waiter, LEAST);
            memory.force(wanted);
        }
        held += wanted;
        return wanted;
    }

    private boolean fits(int bytes) {
        return held == 0 || held + (long) bytes <= size;
    }

    private int wanted(Waiter waiter) {
        return limited(waiter, Math.min(size, memory.size()));
    }

    private static int limited(Waiter waiter, long most) {
        int needed = waiter.needed();
        int unit = waiter.unit();
        return (int) Math.min(needed, Math.max(unit, most - most % unit));
    }
}
