package io.nvmf.testing.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What all benchmarks have in common: nanoseconds per operation, on threads like those of an event loop, and no longer than it
 * takes to see a mistake. Figures to be quoted want more of everything, which JMH's command line gives.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=io.nvmf.testing.benchmark.EventLoopThreads",
            "-Xms512m",
            "-Xmx512m"
        })
@Warmup(iterations = 1, time = 750, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public abstract class ShortBenchmark {

    /** For subclasses. */
    protected ShortBenchmark() {}
}
