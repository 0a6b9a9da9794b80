package io.nvmf.samples.perf;

import java.io.PrintWriter;
import java.util.Locale;

/** What is seen of a run while it lasts. */
final class ProgressLine {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_MEGABYTE = 1e6;

    private final PrintWriter out;

    ProgressLine(PrintWriter out) {
        this.out = out;
    }

    void show(String phase, long elapsedNanos, long ios, long nanos, int ioSize) {
        double perSecond = ios * NANOS_PER_SECOND / Math.max(1, nanos);
        out.printf(
                Locale.ROOT,
                "%4.0f s %,12.0f IOPS %,10.1f MB/s  %s%n",
                elapsedNanos / NANOS_PER_SECOND,
                perSecond,
                perSecond * ioSize / BYTES_PER_MEGABYTE,
                phase);
        out.flush();
    }
}
