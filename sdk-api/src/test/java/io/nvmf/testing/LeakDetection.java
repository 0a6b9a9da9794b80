package io.nvmf.testing;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Collects what Netty's leak detector finds, so that a leak is a failure and not a line in a log.
 *
 * <p>Netty notices a leak only when the garbage collector has taken the object and somebody then allocates another one, which is
 * why {@link #leaks()} does both.
 */
final class LeakDetection {

    private static final long COLLECTION_TIMEOUT_MILLIS = 5_000;

    private static final ConcurrentLinkedQueue<String> FOUND = new ConcurrentLinkedQueue<>();

    private LeakDetection() {}

    /** Has to come before the first buffer: Netty's buffer classes fetch their detector when they are initialised. */
    static void install() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID); // An IDE does not pass the build's options.
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new CollectingFactory());
    }

    /** Returns the leaks found since the last call, each with Netty's record of where the object was touched. */
    static List<String> leaks() {
        // References found dead in one collection are handed over one after the other. The second collection's own is
        // handed over last, so with it all of the first collection's are there.
        collect();
        collect();
        UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release(); // Unpooled heap buffers are not watched.
        List<String> leaks = new ArrayList<>();
        for (String leak = FOUND.poll(); leak != null; leak = FOUND.poll()) {
            leaks.add(leak);
        }
        return leaks;
    }

    private static void collect() {
        ReferenceQueue<Object> dead = new ReferenceQueue<>();
        WeakReference<Object> marker = new WeakReference<>(new Object(), dead);
        System.gc();
        try {
            if (dead.remove(COLLECTION_TIMEOUT_MILLIS) != marker) {
                throw new IllegalStateException("The garbage collector did not run: leaks cannot be detected");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while looking for leaks", e);
        }
    }

    private static final class CollectingFactory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation") // Netty declares it abstract, so somebody has to implement it.
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
            return new CollectingDetector<>(resource, samplingInterval);
        }
    }

    private static final class CollectingDetector<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation") // Meant for the factory only, which is where it is called.
        CollectingDetector(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            FOUND.add(resourceType + " was collected but never released." + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            FOUND.add(resourceType + " was collected but never released; nothing is known of its use.");
        }
    }
}
