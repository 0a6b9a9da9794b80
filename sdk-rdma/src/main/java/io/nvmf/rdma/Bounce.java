package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Memory of a provider that reaches no other: data in foreign memory is copied into it before it is sent, and out of it
 * when it has come. Bounded; what is one piece may pass the bound. Event loop only.
 */
final class Bounce {

    private final ByteBufAllocator allocator;
    private final boolean anyMemory;
    private final int limit;
    private long used;

    /**
     * Nothing is used yet.
     *
     * @param allocator of the connection
     * @param anyMemory whether nothing is ever copied
     * @param limit bytes above which others wait
     */
    Bounce(ByteBufAllocator allocator, boolean anyMemory, int limit) {
        this.allocator = allocator;
        this.anyMemory = anyMemory;
        this.limit = limit;
    }

    /** Whether the provider does not reach this memory. A composite may consist of anything. */
    boolean isForeign(ByteBuf memory) {
        return !anyMemory && !(memory.alloc() == allocator && memory.isDirect() && memory.nioBufferCount() == 1);
    }

    /** Whether another piece may be copied. */
    boolean hasRoom() {
        return used < limit;
    }

    /**
     * A copy that the provider reaches.
     *
     * @param memory where the bytes are
     * @param index the first
     * @param length how many
     * @return the bytes from reader to writer index, to be {@linkplain #give given} back
     */
    ByteBuf take(ByteBuf memory, int index, int length) {
        ByteBuf copy = allocator.directBuffer(length, length).writeBytes(memory, index, length);
        used += length;
        return copy;
    }

    /** The provider has no more use for bytes of this number; who has the copy releases it. */
    void give(int length) {
        used -= length;
    }
}
