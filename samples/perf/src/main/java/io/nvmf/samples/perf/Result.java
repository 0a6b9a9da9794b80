package io.nvmf.samples.perf;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What was measured.
 *
 * @param workload what was asked for
 * @param tuning how it was done
 * @param target where
 * @param setUp what it took to connect, null for one association
 * @param nanos how long it took
 * @param ios I/Os completed in that time
 * @param latencies of these, in nanoseconds
 * @param cpuNanos processor time of this process
 * @param eventLoopBytes heap allocated by the event loops that completed I/Os
 * @param processBytes heap allocated by all threads
 */
record Result(
        Workload workload,
        Tuning tuning,
        String target,
        @Nullable SetUp setUp,
        long nanos,
        long ios,
        Histogram latencies,
        long cpuNanos,
        long eventLoopBytes,
        long processBytes) {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double BYTES_PER_MEGABYTE = 1e6;

    double seconds() {
        return nanos / NANOS_PER_SECOND;
    }

    double iops() {
        return ios / seconds();
    }

    double megabytesPerSecond() {
        return iops() * workload.ioSize() / BYTES_PER_MEGABYTE;
    }

    double averageMicros() {
        return latencies.getMean() / NANOS_PER_MICRO;
    }

    double percentileMicros(double percentile) {
        return latencies.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }

    double maxMicros() {
        return latencies.getMaxValue() / NANOS_PER_MICRO;
    }

    double cpuMicrosPerIo() {
        return perIo(cpuNanos / NANOS_PER_MICRO);
    }

    double eventLoopBytesPerIo() {
        return perIo((double) eventLoopBytes);
    }

    double processBytesPerIo() {
        return perIo((double) processBytes);
    }

    private double perIo(double total) {
        return ios == 0 ? 0 : total / ios;
    }
}
