package io.nvmf.samples.perf;

import io.nvmf.NvmeClient;
import io.nvmf.command.NvmeException;
import io.nvmf.recovery.Recovery;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reactor.netty.resources.LoopResources;

/** The program: reads the options, runs, reports. */
@Command(
        name = "nvmf-perf",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Puts load on an NVMe namespace and measures rate, latency, processor time and allocation."
                + " Writing destroys what the namespace holds.",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:measured", "1:an I/O or the connection failed", "2:wrong options"})
final class PerfCommand implements Callable<Integer> {

    private static final int MAX_DEPTH = 0xFFFE;
    private static final int MAX_QUEUE_PAIRS = 1024;
    private static final int MAX_ASSOCIATIONS = 10_000;
    private static final Duration DISPOSAL_TIME = Duration.ofSeconds(5);
    private static final int MAX_LOOPS = 1024;
    private static final int MAX_POLL_MICROS = 1_000_000;
    private static final int MAX_ADAPTIVE_POLL_MICROS = 1000;
    private static final String DEFAULT_POLL = "50";
    private static final double LEAST_RATE = 0.001;
    private static final double MOST_RATE = 1e9;
    private static final int PERCENT = 100;
    private static final String DEFAULT_MIX = "50";

    /** Which target; one of them. */
    static final class Where {
        @Option(
                names = "-r",
                paramLabel = "TARGET",
                description = "nvme+tcp://host:port/subsystem-nqn[#ns=1], nvme+rdma://…, or"
                        + " 'trtype:TCP adrfam:IPv4 traddr:… trsvcid:… subnqn:… ns:…'")
        @Nullable
        TargetAddress address;

        @Option(names = "--target", paramLabel = "embedded", description = "a null namespace in a JVM of its own")
        @Nullable
        Embedded embedded;
    }

    /** What --target can be. */
    enum Embedded {
        EMBEDDED
    }

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Where where;

    @Option(
            names = "-q",
            paramLabel = "DEPTH",
            defaultValue = "32",
            description = "I/Os outstanding on each queue pair of each association")
    private int depth;

    @Option(names = "-o", paramLabel = "BYTES", defaultValue = "4096", description = "I/O size; K and M are understood")
    private Size ioSize = new Size(0);

    @Option(
            names = "-w",
            paramLabel = "PATTERN",
            defaultValue = "randread",
            description = "read, write, randread, randwrite, rw, randrw")
    private AccessPattern pattern = AccessPattern.RANDREAD;

    @Option(
            names = "-M",
            paramLabel = "PERCENT",
            defaultValue = DEFAULT_MIX,
            description = "share of reads, for rw and randrw")
    private int readPercentage;

    @Option(names = "-t", paramLabel = "SECONDS", defaultValue = "10", description = "time to measure")
    private int seconds;

    @Option(names = "-a", paramLabel = "SECONDS", defaultValue = "3", description = "time to warm up before")
    private int warmUpSeconds;

    @Option(names = "-P", paramLabel = "COUNT", defaultValue = "1", description = "I/O queue pairs of each association")
    private int queuePairs;

    @Option(
            names = "--streams",
            paramLabel = "COUNT",
            defaultValue = "0",
            description =
                    "streams of each association for --path stream, each over all its queue pairs and with -q I/Os"
                            + " outstanding; 0: one on each queue pair")
    private int streams;

    @Option(
            names = "--associations",
            paramLabel = "COUNT",
            defaultValue = "1",
            description =
                    "associations, each with an admin queue and -P I/O queue pairs; from 2 on, the time it takes to"
                            + " connect them and the memory that each takes while idle are measured, too")
    private int associations;

    @Mixin
    private final Fabric fabric = new Fabric();

    @Option(names = "-L", description = "print the distribution of latencies")
    private boolean distribution;

    @Option(
            names = "--path",
            paramLabel = "PATH",
            defaultValue = "queue-pair",
            description = "level of the API: queue-pair (commands as a stream), namespace (a Mono for each I/O),"
                    + " stream (bytes; latency is the time between elements)")
    private ApiPath path = ApiPath.QUEUE_PAIR;

    @Option(
            names = "--rate",
            paramLabel = "IOPS",
            defaultValue = "0",
            description =
                    "I/Os to start in a second, 0.001 and more, each at its own moment from which its latency counts;"
                            + " 0: whenever one completes")
    private double rate;

    @Option(
            names = "--verify",
            description =
                    "write data that can be recognised and check what is read, within the first 64 MiB: these are written"
                            + " first, unless only reads were asked for, which expect what an earlier run has left")
    private boolean verify;

    @Option(
            names = "--poll",
            paramLabel = "MICROS",
            arity = "0..1",
            defaultValue = "0",
            fallbackValue = DEFAULT_POLL,
            description = "event loops of the client always look for input for so long before they sleep, "
                    + DEFAULT_POLL + " µs if not said; each takes a processor while I/Os are outstanding")
    private int pollMicros;

    @Option(
            names = "--adaptive-poll",
            paramLabel = "MICROS",
            description = "event loops of the client look for input for so long where that pays, 0: they sleep at once;"
                    + " without this as the address says, 50 if that says nothing")
    @Nullable
    private Integer adaptivePollMicros;

    @Option(
            names = "--target-poll",
            paramLabel = "MICROS",
            arity = "0..1",
            defaultValue = "0",
            fallbackValue = DEFAULT_POLL,
            description = "the same for the embedded target")
    private int targetPollMicros;

    @Option(
            names = "--loops",
            paramLabel = "COUNT",
            defaultValue = "0",
            description = "event loops of the client; 0: one per processor")
    private int loops;

    @Option(
            names = "--io",
            paramLabel = "INTERFACE",
            description = "epoll, nio or io_uring, for the client; the last needs its jars on the class path")
    @Nullable
    private Io io;

    @Option(
            names = "--metrics",
            paramLabel = "WHAT",
            defaultValue = "off",
            description = "what the client tells of itself, to see what that costs: off, meters (all of Micrometer's,"
                    + " with histograms), or observations (one of Micrometer's for each command, which are counted"
                    + " and nothing else)")
    private Metering metering = Metering.OFF;

    @Option(names = "--json", description = "print one JSON object instead of text")
    private boolean json;

    private final EarlyEnd earlyEnd;

    /** A command that runs for the time it is told. */
    PerfCommand() {
        this(new EarlyEnd());
    }

    PerfCommand(EarlyEnd earlyEnd) {
        this.earlyEnd = earlyEnd;
    }

    /** Runs the program and ends the JVM; a signal to end makes it report what it has measured until then. */
    public static void main(String[] args) {
        noLeakDetection();
        EarlyEnd earlyEnd = new EarlyEnd();
        Runtime.getRuntime().addShutdownHook(new Thread(earlyEnd::endNow, "early-end"));
        int exit;
        try {
            exit = commandLine(new PerfCommand(earlyEnd)).execute(args);
        } finally {
            earlyEnd.reported();
        }
        System.exit(exit);
    }

    /**
     * Unless asked for: Netty notes a stack trace for every hundredth buffer or so, which would count as allocation of
     * an I/O.
     */
    static void noLeakDetection() {
        String property = "io.netty.leakDetection.level";
        if (System.getProperty(property) == null) {
            System.setProperty(property, "disabled");
        }
    }

    static CommandLine commandLine(PerfCommand command) {
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Size.class, Size::parse)
                .registerConverter(TargetAddress.class, TargetAddress::parse)
                .registerConverter(ApiPath.class, PerfCommand::path)
                .setExecutionExceptionHandler((failure, line, parsed) -> failed(failure, line.getErr()));
    }

    private static int failed(Exception failure, PrintWriter err) throws Exception {
        if (failure instanceof NvmeException
                || failure instanceof DamagedDataException
                || failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure instanceof IOException) {
            err.println("failed: " + failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }

    private static ApiPath path(String text) {
        for (ApiPath path : ApiPath.values()) {
            if (path.toString().equals(text.toLowerCase(Locale.ROOT))) {
                return path;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of queue-pair, namespace, stream");
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Workload workload = workload();
        Tuning tuning = tuning();
        Result result;
        TargetAddress address = where.address;
        if (address == null) {
            try (EmbeddedTarget target = EmbeddedTarget.launch(workload, tuning, fabric)) {
                result = run(workload, tuning, target.address(), true);
            }
        } else {
            result = run(workload, tuning, address, false);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json ? Report.json(result) : Report.text(result, distribution).stripTrailing());
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private Result run(Workload workload, Tuning tuning, TargetAddress address, boolean mayFill)
            throws InterruptedException {
        LoopResources eventLoops = tuning.eventLoops();
        try {
            // A load that waits for its target measures nothing.
            NvmeClient client = tuning.metering()
                    .of(fabric.client(address, tuning, eventLoops).recovery(Recovery.none()));
            ProgressLine progress = new ProgressLine(spec.commandLine().getErr());
            return new LoadRun(workload, tuning, address, client, mayFill, progress, earlyEnd).run();
        } finally {
            if (eventLoops != null) {
                eventLoops.disposeLater(Duration.ZERO, DISPOSAL_TIME).block();
            }
        }
    }

    /** How it is to be done; fails like picocli does if that makes no sense. */
    Tuning tuning() {
        range("--poll", pollMicros, 0, MAX_POLL_MICROS);
        if (adaptivePollMicros != null) {
            range("--adaptive-poll", adaptivePollMicros, 0, MAX_ADAPTIVE_POLL_MICROS);
        }
        range("--target-poll", targetPollMicros, 0, MAX_POLL_MICROS);
        range("--loops", loops, 0, MAX_LOOPS);
        if (pollMicros > 0 && io != null && io != Io.EPOLL) {
            throw wrong("--poll goes with --io epoll, not with " + io);
        }
        if (targetPollMicros > 0 && where.embedded == null) {
            throw wrong("--target-poll goes with --target embedded");
        }
        Tuning tuning = new Tuning(
                Duration.of(pollMicros, ChronoUnit.MICROS),
                adaptivePollMicros == null ? null : Duration.of(adaptivePollMicros, ChronoUnit.MICROS),
                Duration.of(targetPollMicros, ChronoUnit.MICROS),
                loops,
                io,
                metering);
        try {
            fabric.check(where.address, tuning);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
        return tuning;
    }

    /** What was asked for; fails like picocli does if that makes no sense. */
    Workload workload() {
        range("-q", depth, 1, MAX_DEPTH);
        range("-o", ioSize.bytes(), 1, Integer.MAX_VALUE);
        range("-M", readPercentage, 0, PERCENT);
        range("-t", seconds, 1, Integer.MAX_VALUE);
        range("-a", warmUpSeconds, 0, Integer.MAX_VALUE);
        range("-P", queuePairs, 1, MAX_QUEUE_PAIRS);
        range("--streams", streams, 0, MAX_QUEUE_PAIRS);
        range("--associations", associations, 1, MAX_ASSOCIATIONS);
        if (rate != 0 && !(rate >= LEAST_RATE && rate <= MOST_RATE)) {
            throw wrong("--rate " + rate + " is neither 0 nor in " + LEAST_RATE + ".." + MOST_RATE);
        }
        if (ioSize.bytes() % Long.BYTES != 0) {
            throw wrong("-o " + ioSize.bytes() + " is not a multiple of a block");
        }
        if (path == ApiPath.STREAM && pattern != AccessPattern.READ && pattern != AccessPattern.WRITE) {
            throw wrong("--path stream goes with -w read or -w write, not with " + pattern);
        }
        if (path == ApiPath.STREAM && rate > 0) {
            throw wrong("--path stream has no --rate");
        }
        if (path != ApiPath.STREAM && streams > 0) {
            throw wrong("--streams goes with --path stream");
        }
        return new Workload(
                pattern,
                pattern.readPercentage(readPercentage),
                (int) ioSize.bytes(),
                depth,
                queuePairs,
                streams,
                associations,
                path,
                rate,
                verify,
                Duration.ofSeconds(warmUpSeconds),
                Duration.ofSeconds(seconds));
    }

    private void range(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(option + ' ' + value + " is outside " + least + ".." + most);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** A number of bytes. */
    record Size(long bytes) {

        static Size parse(String text) {
            String upper = text.toUpperCase(Locale.ROOT);
            int shift = upper.endsWith("K") ? 10 : upper.endsWith("M") ? 20 : 0;
            String digits = shift == 0 ? upper : upper.substring(0, upper.length() - 1);
            try {
                return new Size(Math.multiplyExact(Long.parseLong(digits), 1L << shift));
            } catch (NumberFormatException | ArithmeticException e) {
                throw new IllegalArgumentException("'" + text + "' is no number of bytes", e);
            }
        }
    }
}
