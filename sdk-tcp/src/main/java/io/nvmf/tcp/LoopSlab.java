package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The one large slab that the connections of an event loop share. A connection has it from the first small payload of
 * its turn until the socket has taken what was written to it. So every turn uses the same memory, which the processor
 * still has at hand, and any number of connections need it once. While a slow peer keeps one connection from giving it
 * back, there is no other, so however many peers are slow, they hold one of these in all.
 *
 * <p>It is allocated when it is first needed, and freed when the last connection of the event loop has closed, or with
 * the event loop. Event loop only.
 */
final class LoopSlab {

    /** Size in bytes: 60 commands with 4 KiB in the capsule. */
    static final int SIZE = 256 * 1024;

    private static final FastThreadLocal<LoopSlab> OF_THIS_LOOP = new FastThreadLocal<>() {
        @Override
        protected LoopSlab initialValue() {
            return new LoopSlab();
        }

        @Override
        protected void onRemoval(LoopSlab slab) {
            slab.end();
        }
    };

    private @Nullable ByteBuf idle;
    private boolean lent;
    private boolean ended;
    private int connections;

    private LoopSlab() {}

    /** The slab of the calling event loop, for one more connection. */
    static LoopSlab join() {
        LoopSlab slab = OF_THIS_LOOP.get();
        slab.connections++;
        return slab;
    }

    /** A connection that has joined is closed, and has given back what it had. */
    void leave() {
        connections--;
        if (connections == 0) {
            free();
        }
    }

    /** Whether it is there and nobody has it, so that lending it costs nothing. */
    boolean isIdle() {
        return idle != null;
    }

    /**
     * Lends the slab.
     *
     * @param allocator gives the memory if there is none yet
     * @return an empty buffer, the receiver's until {@link #giveBack}; null if another connection has it, or if there
     *     is no memory
     */
    @Nullable
    ByteBuf lend(ByteBufAllocator allocator) {
        if (lent || ended) {
            return null;
        }
        ByteBuf slab = idle;
        if (slab == null) {
            try {
                slab = allocator.directBuffer(SIZE, SIZE);
            } catch (OutOfMemoryError exhausted) {
                return null;
            }
        }
        idle = null;
        lent = true;
        return slab;
    }

    /**
     * Takes back what was lent. It is kept for the next turn, unless what was written to it is still on its way, as it
     * is for a moment when a connection closes.
     */
    void giveBack(ByteBuf slab) {
        lent = false;
        if (ended || slab.refCnt() > 1) {
            slab.release();
        } else {
            idle = slab.clear();
        }
    }

    /** The event loop ends. A connection that it leaves open may give its slab back later. */
    private void end() {
        ended = true;
        free();
    }

    private void free() {
        ByteBuf slab = idle;
        if (slab != null) {
            idle = null;
            slab.release();
        }
    }
}
