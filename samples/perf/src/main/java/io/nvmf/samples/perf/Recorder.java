package io.nvmf.samples.perf;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/** The completions on one event loop. Only that thread writes; the count can be read at any time. */
final class Recorder {

    private static final long LONGEST_NANOS = 3_600_000_000_000L;
    private static final int DIGITS = 3;

    private final Recorders shared;
    private final long threadId;
    private final AtomicLong count = new AtomicLong();
    private final Histogram latencies = newHistogram();

    Recorder(Recorders shared, Thread thread) {
        this.shared = shared;
        this.threadId = thread.getId();
    }

    static Histogram newHistogram() {
        return new Histogram(1, LONGEST_NANOS, DIGITS);
    }

    void completed(long nanos) {
        completed(nanos, 1);
    }

    /** I/Os that were reported together. */
    void completed(long nanos, long ios) {
        count.lazySet(count.getPlain() + ios);
        if (shared.isMeasuring()) {
            latencies.recordValueWithCount(Math.max(1, Math.min(nanos, LONGEST_NANOS)), ios);
        }
    }

    long count() {
        return count.get();
    }

    long threadId() {
        return threadId;
    }

    /** To be called when nothing is recorded any more. */
    Histogram latencies() {
        return latencies;
    }
}
