package io.nvmf.subsystem.engine.auth;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;

/**
 * How long those have to wait who have failed before. The time doubles with each failure up to a bound, which is
 * short enough for a rightful host to come through although somebody else fails in its name. Bounded: who has not
 * failed for longest is forgotten first. Thread safe.
 */
final class FailureDelays {

    /** After the first failure. */
    static final Duration LEAST = Duration.ofMillis(100);

    /** After many, unless the deadline is short. */
    static final Duration MOST = Duration.ofSeconds(5);

    /** After this time without a failure all is forgotten. */
    static final Duration MEMORY = Duration.ofMinutes(10);

    /** Names and addresses that are remembered. */
    static final int ENTRIES = 4096;

    private static final int MOST_DOUBLINGS = 10;

    private final Scheduler timer;
    private final Duration most;

    /** Who has failed last is last. */
    private final Map<String, Failures> byWho = new LinkedHashMap<>();

    private record Failures(int count, long lastMillis) {}

    /**
     * Nobody has failed yet.
     *
     * @param deadline when whoever is not through is refused, of which at least half is left after the delay
     */
    FailureDelays(Scheduler timer, Duration deadline) {
        Duration half = deadline.dividedBy(2);
        this.timer = timer;
        this.most = half.compareTo(MOST) < 0 ? half : MOST;
    }

    /**
     * How long a transaction has to wait.
     *
     * @param who the names it goes by; the longest delay of all counts
     */
    synchronized Duration of(Iterable<String> who) {
        long now = now();
        long longest = 0;
        for (String name : who) {
            Failures failures = byWho.get(name);
            if (failures != null && now - failures.lastMillis < MEMORY.toMillis()) {
                long delay = LEAST.toMillis() << Math.min(failures.count - 1, MOST_DOUBLINGS);
                longest = Math.max(longest, Math.min(delay, most.toMillis()));
            }
        }
        return Duration.ofMillis(longest);
    }

    /** A transaction has failed. */
    synchronized void failed(Iterable<String> who) {
        long now = now();
        for (String name : who) {
            Failures before = byWho.remove(name);
            int count = 1;
            if (before != null && now - before.lastMillis < MEMORY.toMillis()) {
                count += Math.min(before.count, MOST_DOUBLINGS);
            }
            byWho.put(name, new Failures(count, now));
        }
        Iterator<String> oldest = byWho.keySet().iterator();
        while (byWho.size() > ENTRIES) {
            oldest.next();
            oldest.remove();
        }
    }

    /** A transaction has succeeded. */
    synchronized void succeeded(Iterable<String> who) {
        who.forEach(byWho::remove);
    }

    synchronized int size() {
        return byWho.size();
    }

    private long now() {
        return timer.now(TimeUnit.MILLISECONDS);
    }
}
