package io.nvmf.samples.perf;

import java.util.Locale;
import org.HdrHistogram.HistogramIterationValue;

/** A result as text for people, or as one JSON object for scripts. */
final class Report {

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double BYTES_PER_KIB = 1024;
    private static final int TICKS_PER_HALF_DISTANCE = 2;

    private Report() {}

    static String text(Result result, boolean distribution) {
        StringBuilder text = new StringBuilder();
        line(text, "workload", "%s", result.workload());
        line(text, "target", "%s", result.target());
        if (!result.tuning().equals(Tuning.DEFAULTS)) {
            line(text, "client", "%s", result.tuning());
        }
        SetUp setUp = result.setUp();
        if (setUp != null) {
            line(
                    text,
                    "set-up",
                    "%,d associations in %.2f s, %d threads",
                    result.workload().associations(),
                    setUp.seconds(),
                    setUp.idle().threads());
            line(
                    text,
                    "idle each",
                    "%.1f KiB heap, %.1f KiB of Netty's direct memory (%.1f KiB reserved), %.1f KiB of direct buffers in the JVM",
                    setUp.idle().heap() / BYTES_PER_KIB,
                    setUp.idle().direct() / BYTES_PER_KIB,
                    setUp.idle().directReserved() / BYTES_PER_KIB,
                    setUp.idle().jvmDirect() / BYTES_PER_KIB);
        }
        line(text, "time", "%.2f s", result.seconds());
        line(text, "I/Os", "%,d", result.ios());
        line(text, "IOPS", "%,.0f", result.iops());
        line(text, "MB/s", "%,.1f", result.megabytesPerSecond());
        line(
                text,
                "latency",
                "average %.1f  p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f µs",
                result.averageMicros(),
                result.percentileMicros(50),
                result.percentileMicros(99),
                result.percentileMicros(99.9),
                result.maxMicros());
        line(text, "CPU per I/O", "%.3f µs, this process", result.cpuMicrosPerIo());
        line(
                text,
                "heap per I/O",
                "%.1f B on event loops, %.1f B in this process",
                result.eventLoopBytesPerIo(),
                result.processBytesPerIo());
        if (distribution) {
            text.append(String.format(Locale.ROOT, "%12s %12s %14s%n", "µs", "percentile", "I/Os"));
            for (HistogramIterationValue value : result.latencies().percentiles(TICKS_PER_HALF_DISTANCE)) {
                text.append(String.format(
                        Locale.ROOT,
                        "%12.1f %12.6f %,14d%n",
                        value.getValueIteratedTo() / NANOS_PER_MICRO,
                        value.getPercentileLevelIteratedTo(),
                        value.getTotalCountToThisValue()));
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-13s", name))
                .append(String.format(Locale.ROOT, format, values))
                .append(System.lineSeparator());
    }

    static String json(Result result) {
        Workload workload = result.workload();
        StringBuilder json = new StringBuilder("{");
        string(json, "pattern", workload.pattern().toString());
        number(json, "readPercentage", workload.readPercentage());
        number(json, "ioSize", workload.ioSize());
        number(json, "depth", workload.depth());
        number(json, "queuePairs", workload.queuePairs());
        number(json, "streams", workload.streams());
        number(json, "associations", workload.associations());
        string(json, "path", workload.path().toString());
        number(json, "rate", workload.rate());
        number(json, "pollMicros", result.tuning().pollMicros());
        number(json, "loops", result.tuning().loops());
        Io io = result.tuning().io();
        if (io != null) {
            string(json, "io", io.toString());
        }
        if (result.tuning().metering() != Metering.OFF) {
            string(json, "metrics", result.tuning().metering().toString());
        }
        string(json, "target", result.target());
        number(json, "seconds", result.seconds());
        number(json, "ios", result.ios());
        number(json, "iops", result.iops());
        number(json, "megabytesPerSecond", result.megabytesPerSecond());
        number(json, "latencyAverageMicros", result.averageMicros());
        number(json, "latencyP50Micros", result.percentileMicros(50));
        number(json, "latencyP99Micros", result.percentileMicros(99));
        number(json, "latencyP999Micros", result.percentileMicros(99.9));
        number(json, "latencyMaxMicros", result.maxMicros());
        number(json, "cpuMicrosPerIo", result.cpuMicrosPerIo());
        number(json, "eventLoopBytesPerIo", result.eventLoopBytesPerIo());
        number(json, "processBytesPerIo", result.processBytesPerIo());
        SetUp setUp = result.setUp();
        if (setUp != null) {
            number(json, "setUpSeconds", setUp.seconds());
            number(json, "threads", setUp.idle().threads());
            number(json, "idleHeapBytes", setUp.idle().heap());
            number(json, "idleDirectBytes", setUp.idle().direct());
            number(json, "idleDirectReservedBytes", setUp.idle().directReserved());
            number(json, "idleJvmDirectBytes", setUp.idle().jvmDirect());
        }
        return json.append('}').toString();
    }

    private static void string(StringBuilder json, String name, String value) {
        name(json, name).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static void number(StringBuilder json, String name, long value) {
        name(json, name).append(value);
    }

    private static void number(StringBuilder json, String name, double value) {
        name(json, name).append(String.format(Locale.ROOT, "%.3f", value));
    }

    private static StringBuilder name(StringBuilder json, String name) {
        return json.append(json.length() > 1 ? "," : "")
                .append('"')
                .append(name)
                .append("\":");
    }
}
