package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The memory that a workload has given to the SDK: data of writes, which has to come back, and destinations of reads, which nobody
 * may write to once they are over. Buffers must not be pooled, since one that is used again does not tell who holds it. Data is handed
 * in on any thread; everything else is for the workload's thread, or for when everything has been closed.
 */
public final class HeldMemory {

    /** Data that the SDK has got. */
    private record HandedIn(Operation<?> operation, ByteBuf buffer) {}

    /** A destination of a read that is over: zeros, once nobody else holds it. */
    private static final class Watched {

        final Operation<?> operation;
        final ByteBuf memory;
        boolean owned;

        Watched(Operation<?> operation, ByteBuf memory) {
            this.operation = operation;
            this.memory = memory;
        }
    }

    private final ConcurrentLinkedQueue<HandedIn> handedIn = new ConcurrentLinkedQueue<>();
    private final List<Watched> watched = new ArrayList<>();

    void handsIn(Operation<?> operation, ByteBuf buffer) {
        handedIn.add(new HandedIn(operation, buffer));
    }

    void watch(Operation<?> operation, ByteBuf destination) {
        watched.add(new Watched(operation, destination));
        look();
    }

    /** Takes what nobody else holds any more. */
    void look() {
        for (Watched one : watched) {
            if (!one.owned && one.memory.refCnt() == 1) {
                one.owned = true;
                one.memory.setZero(0, one.memory.capacity());
            }
        }
    }

    /** What somebody holds though it is over. */
    public List<String> held() {
        look();
        List<String> held = new ArrayList<>();
        for (HandedIn one : handedIn) {
            if (one.buffer.refCnt() != 0) {
                held.add("data of " + one.operation + " has " + one.buffer.refCnt() + " references left");
            }
        }
        for (Watched one : watched) {
            if (!one.owned) {
                held.add("memory of " + one.operation + " has " + one.memory.refCnt() + " references left");
            }
        }
        return held;
    }

    /** Fails unless all memory is back and nobody has written to what was somebody else's; then gives it back. */
    public void check() {
        List<String> held = held();
        if (!held.isEmpty()) {
            throw new AssertionError(held.toString());
        }
        for (Watched one : watched) {
            if (one.memory.forEachByte(0, one.memory.capacity(), value -> value == 0) >= 0) {
                throw new AssertionError(
                        "memory of " + one.operation + " was written to after it had gone back to its owner");
            }
            one.memory.release();
        }
        watched.clear();
    }
}
