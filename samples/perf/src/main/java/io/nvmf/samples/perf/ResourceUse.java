package io.nvmf.samples.perf;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * What this process has used so far.
 *
 * @param nanoTime when
 * @param ios I/Os completed
 * @param cpuNanos processor time of all threads, the collector's and compiler's included
 * @param allocatedByThread bytes that each live thread has allocated on the heap, by thread identifier
 */
record ResourceUse(long nanoTime, long ios, long cpuNanos, Map<Long, Long> allocatedByThread) {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    static ResourceUse now(Recorders recorders) {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> allocated = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            // -1 for a thread that has ended in between.
            allocated.put(ids[i], Math.max(0, bytes[i]));
        }
        return new ResourceUse(System.nanoTime(), recorders.count(), SYSTEM.getProcessCpuTime(), allocated);
    }

    /** Bytes that some threads have allocated since an earlier reading. */
    long allocatedSince(ResourceUse earlier, long... threadIds) {
        long sum = 0;
        for (long id : threadIds) {
            sum += allocatedByThread.getOrDefault(id, 0L) - earlier.allocatedByThread.getOrDefault(id, 0L);
        }
        return sum;
    }

    /** Bytes that the threads which still live have allocated since an earlier reading. */
    long allocatedSince(ResourceUse earlier) {
        return allocatedSince(
                earlier,
                allocatedByThread.keySet().stream().mapToLong(Long::longValue).toArray());
    }
}
