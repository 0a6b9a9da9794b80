package io.nvmf.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** An allocator that counts what it has given out, and that has nothing more to give when the test says so. */
public final class ExhaustibleAllocator extends AbstractByteBufAllocator {

    private final UnpooledByteBufAllocator memory;

    /** Whether every allocation fails as Netty's do when there is no direct memory left. */
    public volatile boolean exhausted;

    public ExhaustibleAllocator() {
        this(true);
    }

    /** Without leak detection, which costs more than all else, for tests that count themselves. */
    public ExhaustibleAllocator(boolean leakDetection) {
        super(true);
        memory = new UnpooledByteBufAllocator(true, !leakDetection);
    }

    /** Bytes given out and not got back. */
    public long usedMemory() {
        return memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
    }

    private void check() {
        if (exhausted) {
            throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        check();
        return memory.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        check();
        return memory.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        check();
        return memory.compositeDirectBuffer(maxNumComponents);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
