package io.nvmf.subsystem.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;

/**
 * A line in the log for what a stranger can make happen as often as it likes: one a minute, which tells how many there
 * were.
 */
final class RareWarning {

    private static final long PERIOD = TimeUnit.MINUTES.toNanos(1);

    private final Logger log;
    private final String what;
    private final AtomicLong next = new AtomicLong(System.nanoTime());
    private final AtomicInteger count = new AtomicInteger();

    RareWarning(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    /** It has happened again; any thread. */
    void happened() {
        count.incrementAndGet();
        long due = next.get();
        long now = System.nanoTime();
        if (now - due >= 0 && next.compareAndSet(due, now + PERIOD)) {
            log.warn("{} ({} since this was last said, which is at most once a minute)", what, count.getAndSet(0));
        }
    }
}
