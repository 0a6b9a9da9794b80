package io.nvmf.samples.perf;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.HdrHistogram.Histogram;

/** One recorder for each thread that completes I/Os; so they are also the list of the event loops that do the work. */
final class Recorders {

    private final List<Recorder> all = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Recorder> own = ThreadLocal.withInitial(this::create);
    private volatile boolean measuring;

    private Recorder create() {
        Recorder recorder = new Recorder(this, Thread.currentThread());
        all.add(recorder);
        return recorder;
    }

    Recorder ofThisThread() {
        return own.get();
    }

    boolean isMeasuring() {
        return measuring;
    }

    void measuring(boolean on) {
        measuring = on;
    }

    /** I/Os completed since the beginning. */
    long count() {
        long sum = 0;
        for (Recorder recorder : all) {
            sum += recorder.count();
        }
        return sum;
    }

    long[] threadIds() {
        return all.stream().mapToLong(Recorder::threadId).toArray();
    }

    /** Latencies in nanoseconds, once nothing is recorded any more. */
    Histogram latencies() {
        Histogram sum = Recorder.newHistogram();
        for (Recorder recorder : all) {
            sum.add(recorder.latencies());
        }
        return sum;
    }
}
