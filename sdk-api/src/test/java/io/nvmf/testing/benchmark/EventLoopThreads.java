package io.nvmf.testing.benchmark;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * JMH's threads, made like those of an event loop: on any other thread Netty's allocator and recyclers do without their caches,
 * and an operation would seem dearer than it is.
 */
public final class EventLoopThreads extends ThreadPoolExecutor {

    /**
     * As JMH creates it, by name.
     *
     * @param maxThreads number of benchmark threads
     * @param prefix of thread names
     */
    public EventLoopThreads(int maxThreads, String prefix) {
        super(
                maxThreads,
                maxThreads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(prefix, true));
    }
}
