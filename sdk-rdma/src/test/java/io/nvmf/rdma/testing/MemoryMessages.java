package io.nvmf.rdma.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The places for messages of the peer. A place comes back when its buffer is released, on whatever thread. */
final class MemoryMessages extends AbstractByteBufAllocator {

    private final AtomicInteger free;

    MemoryMessages(int places) {
        super(true);
        this.free = new AtomicInteger(places);
    }

    /** A buffer with a message, null if there is no place for it. Event loop only. */
    @Nullable
    ByteBuf take(byte[] message) {
        if (free.get() == 0) {
            return null;
        }
        free.decrementAndGet();
        return directBuffer(message.length, message.length).writeBytes(message);
    }

    /** How many messages have a place. */
    int free() {
        return free.get();
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return toLeakAwareBuffer(new Place(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private final class Place extends UnpooledDirectByteBuf {

        Place(int initialCapacity, int maxCapacity) {
            super(UnpooledByteBufAllocator.DEFAULT, initialCapacity, maxCapacity);
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            free.incrementAndGet();
        }
    }
}
