package io.nvmf.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Where all of this SDK's buffers come from by default: sockets of both roles, the in-JVM transport, stores and files.
 * One allocator is one pool, and one number to watch. Named here because {@link ByteBufAllocator#DEFAULT} is another
 * one unless {@code -Dio.netty.allocator.type=pooled} is set.
 */
public final class SharedAllocator {

    /** Netty's pooled allocator, {@link PooledByteBufAllocator#DEFAULT}. */
    public static final ByteBufAllocator INSTANCE = PooledByteBufAllocator.DEFAULT;

    private SharedAllocator() {}
}
