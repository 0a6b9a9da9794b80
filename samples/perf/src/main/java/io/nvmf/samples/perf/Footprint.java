package io.nvmf.samples.perf;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process holds, after a garbage collection.
 *
 * @param heap bytes
 * @param direct bytes of buffers in the direct memory of Netty's pooled allocator
 * @param directReserved bytes that this allocator has taken for them, in large chunks
 * @param jvmDirect bytes of direct buffers that the JVM knows of: those chunks too, unless Netty takes them past it
 * @param threads live threads
 */
record Footprint(long heap, long direct, long directReserved, long jvmDirect, int threads) {

    private static final String DIRECT_POOL = "direct";

    static Footprint now() {
        // Twice: what is reachable only through a reference with a queue goes with the second.
        System.gc();
        System.gc();
        long jvmDirect = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals(DIRECT_POOL))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                PooledByteBufAllocator.DEFAULT.pinnedDirectMemory(),
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory(),
                jvmDirect,
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    /** What each of some associations has added; threads stay as they are. */
    Footprint perAssociation(Footprint before, int count) {
        return new Footprint(
                (heap - before.heap) / count,
                (direct - before.direct) / count,
                (directReserved - before.directReserved) / count,
                (jvmDirect - before.jvmDirect) / count,
                threads);
    }
}
