package io.nvmf.samples.webflux;

import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/**
 * What buffers hold of the one pool that gateway, connections and target have. What threads keep in their caches for the
 * next time is nobody's, so it does not count, unlike in the pool's own number of active allocations.
 */
final class PooledMemory {

    private static final Duration REST = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private PooledMemory() {}

    /** Bytes, direct and on the heap. */
    static long held() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() + PooledByteBufAllocator.DEFAULT.pinnedHeapMemory();
    }

    /** The same once it has stopped changing. */
    static long heldAtRest() {
        AtomicLong before = new AtomicLong(-1);
        Awaitility.await().atMost(PATIENCE).pollInterval(REST).until(() -> before.getAndSet(held()) == held());
        return before.get();
    }
}
