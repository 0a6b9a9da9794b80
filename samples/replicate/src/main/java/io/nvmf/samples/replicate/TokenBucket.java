package io.nvmf.samples.replicate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.scheduler.Scheduler;

/**
 * A limit on bytes per second. Whoever is about to move bytes reserves them and is told how long to wait before. The
 * bucket holds {@link #slice()} bytes: so much may go at once after a pause. Thread safe.
 */
final class TokenBucket {

    /** Slices of a second: so the rate is even for whoever looks at tenths of seconds. */
    private static final int SLICES_PER_SECOND = 10;

    private static final double NANOS_PER_SECOND = 1e9;

    private final long bytesPerSecond;
    private final long slice;
    private final Scheduler timer;

    /** When the bytes that are reserved so far will have gone. */
    private final AtomicLong reservedUntil;

    /**
     * @param bytesPerSecond at least 1
     * @param leastSlice bytes that are moved at a time in any case
     * @param timer tells the time
     */
    TokenBucket(long bytesPerSecond, long leastSlice, Scheduler timer) {
        this.bytesPerSecond = bytesPerSecond;
        this.slice = Math.max(leastSlice, bytesPerSecond / SLICES_PER_SECOND / leastSlice * leastSlice);
        this.timer = timer;
        this.reservedUntil = new AtomicLong(now());
    }

    private long now() {
        return timer.now(TimeUnit.NANOSECONDS);
    }

    /** {@return how many bytes to reserve at a time, a multiple of the least slice} */
    long slice() {
        return slice;
    }

    /** {@return the time to wait before these bytes may be moved; they count from now on} */
    Duration reserve(long bytes) {
        long now = now();
        long cost = (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
        long before = reservedUntil.getAndUpdate(until -> Math.max(until, now) + cost);
        return Duration.ofNanos(Math.max(0, before - now));
    }
}
