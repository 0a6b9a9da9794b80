package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final SetUp SET_UP =
            new SetUp(2_500_000_000L, new Footprint(40 * 1024, 2 * 1024, 12 * 1024, 512, 17));

    private static Workload workload(int associations) {
        return new Workload(
                AccessPattern.RANDRW,
                70,
                4096,
                32,
                2,
                0,
                associations,
                ApiPath.NAMESPACE,
                500,
                true,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2));
    }

    private static Result result() {
        return result(1, null);
    }

    /** 1,000 I/Os in 2 s, of 1..1,000 µs. */
    private static Result result(int associations, @Nullable SetUp setUp) {
        Histogram latencies = Recorder.newHistogram();
        for (int micros = 1; micros <= 1000; micros++) {
            latencies.recordValue(micros * 1000L);
        }
        return new Result(
                workload(associations),
                Tuning.DEFAULTS,
                "a \"target\"",
                setUp,
                2_000_000_000L,
                1000,
                latencies,
                3_000_000,
                64_000,
                128_500);
    }

    @Test
    void textHasEveryFigureWithItsUnit() {
        assertThat(Report.text(result(), false).lines())
                .containsExactly(
                        "workload     randrw (70 % reads) 4096 B, depth 32, 2 queue pairs, namespace path, 500 a second, verified",
                        "target       a \"target\"",
                        "time         2.00 s",
                        "I/Os         1,000",
                        "IOPS         500",
                        "MB/s         2.0",
                        "latency      average 500.5  p50 500.2  p99 990.2  p99.9 999.4  max 1000.4 µs",
                        "CPU per I/O  3.000 µs, this process",
                        "heap per I/O 64.0 B on event loops, 128.5 B in this process");
    }

    @Test
    void whatAssociationsTakeIsReportedWhereThereAreSeveral() {
        Result result = result(1000, SET_UP);

        assertThat(Report.text(result, false).lines())
                .contains(
                        "workload     randrw (70 % reads) 4096 B, depth 32, 2 queue pairs in each of 1000 associations,"
                                + " namespace path, 500 a second, verified",
                        "set-up       1,000 associations in 2.50 s, 17 threads",
                        "idle each    40.0 KiB heap, 2.0 KiB of Netty's direct memory (12.0 KiB reserved), 0.5 KiB of"
                                + " direct buffers in the JVM");
        assertThat(Report.json(result))
                .contains("\"associations\":1000,")
                .endsWith("\"setUpSeconds\":2.500,\"threads\":17,\"idleHeapBytes\":40960,\"idleDirectBytes\":2048,"
                        + "\"idleDirectReservedBytes\":12288,\"idleJvmDirectBytes\":512}");
    }

    @Test
    void distributionEndsWithAllIos() {
        String text = Report.text(result(), true);

        assertThat(text).contains("percentile");
        assertThat(text.lines().reduce((first, last) -> last).orElseThrow()).matches(" +1000\\.4 +100\\.000000 +1,000");
    }

    @Test
    void jsonIsOneObjectOfTheSameFigures() {
        assertThat(Report.json(result()))
                .startsWith("{\"pattern\":\"randrw\",\"readPercentage\":70,")
                .contains("\"path\":\"namespace\"", "\"target\":\"a \\\"target\\\"\"", "\"iops\":500.000,")
                .contains("\"latencyP999Micros\":999.4", "\"cpuMicrosPerIo\":3.000", "\"eventLoopBytesPerIo\":64.000")
                .endsWith("\"processBytesPerIo\":128.500}")
                .doesNotContain("\n");
    }

    @Test
    void nothingCompletedIsNotANumberTooMany() {
        Result nothing = new Result(
                workload(1),
                new Tuning(Duration.ofNanos(20_000), null, Duration.ofNanos(50_000), 1, Io.EPOLL, Metering.METERS),
                "t",
                null,
                1,
                0,
                Recorder.newHistogram(),
                1,
                1,
                1);

        assertThat(Report.json(nothing)).contains("\"cpuMicrosPerIo\":0.000").doesNotContain("NaN");
        assertThat(Report.json(nothing))
                .contains("\"pollMicros\":20,\"loops\":1,\"io\":\"epoll\",\"metrics\":\"meters\"");
        assertThat(Report.text(nothing, false))
                .contains("client       polls for 20 µs, target polls for 50 µs, 1 event loop, epoll, with meters");
    }

    @Test
    void pollingWhereItPaysIsToldIfItWasAskedFor() {
        assertThat(new Tuning(Duration.ZERO, Duration.ZERO, Duration.ZERO, 1, null, Metering.OFF))
                .hasToString("sleeps, 1 event loop");
        assertThat(new Tuning(Duration.ZERO, Duration.ofNanos(20_000), Duration.ZERO, 0, null, Metering.OFF))
                .hasToString("polls where it pays for 20 µs");
    }
}
