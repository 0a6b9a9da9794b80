package io.nvmf.testing.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

/** That the benchmarks of a module run, once each, in this JVM. */
public abstract class BenchmarksRunOnce {

    /** Name, parameters, time, its error, which one shot does not have, and bytes. */
    private static final Pattern ROW = Pattern.compile("\\w+\\.\\w+( \\w+=\\w+)* +[\\d.]+ +NaN +[\\d.]+");

    static Collection<String> names() {
        return Benchmarks.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void benchmarkDoesWhatItMeasures(String name) throws RunnerException {
        Collection<RunResult> results = new Runner(Benchmarks.quietly(name)
                        .forks(0)
                        .mode(Mode.SingleShotTime)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .build())
                .run();

        assertThat(results).isNotEmpty();
        assertThat(results.stream().map(Benchmarks::line))
                .allMatch(line -> ROW.matcher(line).matches());
    }
}
