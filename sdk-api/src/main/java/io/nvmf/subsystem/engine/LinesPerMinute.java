package io.nvmf.subsystem.engine;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import reactor.core.scheduler.Scheduler;

/**
 * Lines about what strangers do: at info level for some in a minute, at debug level for the rest, so that nobody can
 * fill a disk. Thread safe; a race lets a line more or less through.
 */
final class LinesPerMinute {

    private static final long PERIOD_MILLIS = 60_000;

    private final Logger log;
    private final Scheduler timer;
    private final int limit;
    private final String more;
    private final AtomicLong periodStart;
    private final AtomicInteger lines = new AtomicInteger();

    /**
     * Creates the limit.
     *
     * @param log where lines go
     * @param timer tells the time
     * @param limit lines at info level in a minute
     * @param more what there is more of, said once a minute
     */
    LinesPerMinute(Logger log, Scheduler timer, int limit, String more) {
        this.log = log;
        this.timer = timer;
        this.limit = limit;
        this.more = more;
        this.periodStart = new AtomicLong(timer.now(TimeUnit.MILLISECONDS));
    }

    /** Writes a line, which is made if somebody reads it. */
    void write(Supplier<String> line) {
        if (permitted()) {
            if (log.isInfoEnabled()) {
                log.info(line.get());
            }
        } else if (log.isDebugEnabled()) {
            log.debug(line.get());
        }
    }

    private boolean permitted() {
        long now = timer.now(TimeUnit.MILLISECONDS);
        long start = periodStart.get();
        if (now - start >= PERIOD_MILLIS && periodStart.compareAndSet(start, now)) {
            lines.set(0);
        }
        int line = lines.incrementAndGet();
        if (line == limit + 1) {
            log.info("{}; the rest of this minute is logged at debug level", more);
        }
        return line <= limit;
    }
}
