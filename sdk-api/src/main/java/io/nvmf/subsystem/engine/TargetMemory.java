package io.nvmf.subsystem.engine;

import io.nvmf.transport.EventLoopTasks;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that data takes on all connections of a target together. Connections that find none left wait in
 * order, each with one claim, and are told on their own event loop. Thread safe.
 */
final class TargetMemory {

    private final long size;
    private final AtomicLong available;
    private final Queue<Claim> waiting = new ConcurrentLinkedQueue<>();

    /** How often {@link #serve} was asked for since it last began; who counts from 0 does it. */
    private final AtomicInteger requests = new AtomicInteger();

    TargetMemory(long size) {
        this.size = size;
        this.available = new AtomicLong(size);
    }

    /** Memory that a connection waits for. */
    static final class Claim implements Runnable {

        private final TransferBudget owner;
        private final int bytes;
        private final AtomicBoolean decided = new AtomicBoolean();

        Claim(TransferBudget owner, int bytes) {
            this.owner = owner;
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }

        /** False if the memory has been granted, which the owner is about to be told. */
        boolean withdraw() {
            return decided.compareAndSet(false, true);
        }

        @Override
        public void run() {
            owner.claimed(this);
        }
    }

    long size() {
        return size;
    }

    /** Bytes taken, which may be more than the size. */
    long held() {
        return size - available.get();
    }

    /** True if the bytes are taken. */
    boolean take(int bytes) {
        return waiting.isEmpty() && reduce(bytes);
    }

    /** Takes bytes whether they are there or not. */
    void force(int bytes) {
        available.addAndGet(-bytes);
    }

    /** Gives bytes back, and to those who wait. */
    void give(int bytes) {
        available.addAndGet(bytes);
        if (!waiting.isEmpty()) {
            serve();
        }
    }

    /** Takes the bytes of a claim as soon as they are there, and tells its owner. */
    void await(Claim claim) {
        waiting.add(claim);
        serve();
    }

    private boolean reduce(int bytes) {
        long now = available.get();
        while (now >= bytes) {
            if (available.compareAndSet(now, now - bytes)) {
                return true;
            }
            now = available.get();
        }
        return false;
    }

    private void serve() {
        if (requests.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            serveInOrder();
            seen = requests.addAndGet(-seen);
        } while (seen != 0);
    }

    private void serveInOrder() {
        for (Claim next = waiting.peek(); next != null; next = waiting.peek()) {
            if (!next.decided.get()) {
                if (!reduce(next.bytes)) {
                    return;
                }
                if (next.decided.compareAndSet(false, true)) {
                    EventLoopTasks.later(next.owner.executor(), next);
                } else {
                    available.addAndGet(next.bytes);
                }
            }
            waiting.remove();
        }
    }
}
