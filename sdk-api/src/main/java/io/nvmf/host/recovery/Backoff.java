package io.nvmf.host.recovery;

import io.nvmf.recovery.Recovery;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import reactor.core.scheduler.Scheduler;

/**
 * The times between attempts: none before the first, then twice as long each time up to a limit, and shortened at
 * random so that many hosts do not come at the same moment.
 */
final class Backoff {

    /** Part of a delay that chance may take away. */
    private static final double JITTER = 0.25;

    /** Makes bits of 32 bits that differ everywhere in 64. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private final long firstNanos;
    private final long maxNanos;
    private final DoubleSupplier random;

    /**
     * @param random 0 to 1
     */
    Backoff(Recovery recovery, DoubleSupplier random) {
        this.firstNanos = recovery.firstDelay().toNanos();
        this.maxNanos = recovery.maxDelay().toNanos();
        this.random = random;
    }

    /**
     * Chance that differs from host to host and from moment to moment, and is the same again where time is virtual.
     *
     * @param hostNqn this host
     * @param timer its time
     * @return 0 to 1
     */
    static DoubleSupplier chance(String hostNqn, Scheduler timer) {
        long host = hostNqn.hashCode() * SPREAD;
        return () -> new SplittableRandom(host ^ timer.now(TimeUnit.NANOSECONDS)).nextDouble();
    }

    /**
     * The time before an attempt.
     *
     * @param attempt from 1
     */
    Duration before(int attempt) {
        if (attempt <= 1) {
            return Duration.ZERO;
        }
        long delay = firstNanos;
        for (int i = 2; i < attempt && delay < maxNanos; i++) {
            delay = Math.min(maxNanos, 2 * delay);
        }
        return Duration.ofNanos((long) (delay * (1 - JITTER * random.getAsDouble())));
    }
}
