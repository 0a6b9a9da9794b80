package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The options, without a run. */
class PerfCommandTest {

    private static final String URI = "nvme+tcp://127.0.0.1:4420/nqn.2026-01.io.nvmf:x";

    private static Workload parse(String... options) {
        return command(options).workload();
    }

    private static PerfCommand command(String... options) {
        PerfCommand command = new PerfCommand();
        String[] all = new String[options.length + 2];
        all[0] = "-r";
        all[1] = URI;
        System.arraycopy(options, 0, all, 2, options.length);
        PerfCommand.commandLine(command).parseArgs(all);
        return command;
    }

    @Test
    void defaultsAreRandomReadsOf4KiBAtDepth32() {
        assertThat(parse())
                .isEqualTo(new Workload(
                        AccessPattern.RANDREAD,
                        100,
                        4096,
                        32,
                        1,
                        0,
                        1,
                        ApiPath.QUEUE_PAIR,
                        0,
                        false,
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(10)));
    }

    @Test
    void everyOptionReachesTheWorkload() {
        assertThat(parse(
                        "-q",
                        "8",
                        "-o",
                        "128K",
                        "-w",
                        "randrw",
                        "-M",
                        "70",
                        "-t",
                        "5",
                        "-a",
                        "1",
                        "-P",
                        "2",
                        "--associations",
                        "3",
                        "-H",
                        "-I",
                        "-L",
                        "--json",
                        "--verify",
                        "--rate",
                        "1000",
                        "--path",
                        "namespace"))
                .isEqualTo(new Workload(
                        AccessPattern.RANDRW,
                        70,
                        128 * 1024,
                        8,
                        2,
                        0,
                        3,
                        ApiPath.NAMESPACE,
                        1000,
                        true,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5)));
    }

    @Test
    void eachQueuePairHasItsStreamUnlessSomethingElseIsAskedFor() {
        Workload each = parse("-w", "read", "--path", "stream", "-P", "4");
        assertThat(each.streamCount()).isEqualTo(4);
        assertThat(each.queuesOfStream()).isOne();
        Workload one = parse("-w", "read", "--path", "stream", "-P", "4", "--streams", "1");
        assertThat(one.streamCount()).isOne();
        assertThat(one.queuesOfStream()).isEqualTo(4);
        assertThat(one).asString().contains("4 queue pairs, stream path, 1 stream over all of them");
    }

    @Test
    void clientIsNotTunedUnlessAskedFor() {
        assertThat(command().tuning()).isEqualTo(Tuning.DEFAULTS);
    }

    @Test
    void everyOptionReachesTheTuning() {
        assertThat(command("--poll", "20", "--loops", "3", "--io", "EPOLL", "--metrics", "observations")
                        .tuning())
                .isEqualTo(
                        new Tuning(Duration.ofNanos(20_000), null, Duration.ZERO, 3, Io.EPOLL, Metering.OBSERVATIONS));
    }

    @Test
    void pollingIsFor50MicrosecondsIfNotSaid() {
        assertThat(command("--poll", "-q", "1").tuning())
                .isEqualTo(new Tuning(Duration.ofNanos(50_000), null, Duration.ZERO, 0, null, Metering.OFF));
    }

    @ParameterizedTest
    @CsvSource({
        "read, 100",
        "randread, 100",
        "write, 0",
        "randwrite, 0",
        "rw, 30",
        "randrw, 30",
    })
    void shareOfReadsIsAskedForOnlyWhereThereIsAChoice(String pattern, int share) {
        assertThat(parse("-w", pattern, "-M", "30").readPercentage()).isEqualTo(share);
    }

    @ParameterizedTest
    @CsvSource({
        "-q 0, -q 0",
        "-q 65535, -q 65535",
        "-o 0, -o 0",
        "-o 12X, 12X",
        "-o 4097, 4097",
        "-o 9223372036854775807K, no number",
        "-w sideways, sideways",
        "-M 101, -M 101",
        "-t 0, -t 0",
        "-a -1, -a -1",
        "-P 0, -P 0",
        "--streams 2, --path stream",
        "--associations 0, --associations 0",
        "--associations 10001, --associations 10001",
        "--rate -1, --rate -1",
        "--path sideways, sideways",
        "--path stream, stream goes with",
        "--path stream -w read --rate 10, stream has no --rate",
        "--target embedded, mutually exclusive",
        "--poll 1000001, --poll 1000001",
        "--adaptive-poll 1001, --adaptive-poll 1001",
        "--poll --io nio, --poll goes with --io epoll",
        "--target-poll, --target-poll goes with --target embedded",
        "--loops -1, --loops -1",
        "--transport rdma, --transport goes with --target embedded",
        "--target-option crc=false, --target-option goes with --target embedded",
        "--option queue-size=1, queue-size",
        "--io carrier-pigeon, carrier-pigeon",
        "--metrics all, 'off'",
    })
    void wrongOptionIsNamedAndEndsWithTwo(String options, String named) {
        StringWriter err = new StringWriter();
        CommandLine line = PerfCommand.commandLine(new PerfCommand()).setErr(new PrintWriter(err));

        int exit = line.execute(("-r " + URI + ' ' + options).split(" "));

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(named).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "-H, -H goes with NVMe/TCP",
        "-I, -I goes with NVMe/TCP",
        "--capture x, --capture goes with NVMe/TCP",
        "--poll, --poll goes with NVMe/TCP",
        "--adaptive-poll 1, --adaptive-poll goes with NVMe/TCP",
        "--target-poll, --target-poll goes with NVMe/TCP",
        "--target-option crc=maybe, --target-option crc is 'maybe'",
        "--target-option crc, --target-option crc is not of the form",
        "--target-option header-digest=true, --target-option header-digest is not one of [rdma-provider",
    })
    void whatRdmaDoesNotHaveIsNamedBeforeTheTargetStarts(String options, String named) {
        StringWriter err = new StringWriter();
        CommandLine line = PerfCommand.commandLine(new PerfCommand()).setErr(new PrintWriter(err));

        int exit = line.execute(("--target embedded --transport rdma " + options).split(" "));

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains(named).doesNotContain("\tat ");
    }

    @Test
    void unknownTransportIsNamed() {
        StringWriter err = new StringWriter();
        CommandLine line = PerfCommand.commandLine(new PerfCommand()).setErr(new PrintWriter(err));

        assertThat(line.execute("--target", "embedded", "--transport", "fc")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--transport").contains("TCP, RDMA").contains("'fc'");
    }

    @Test
    void aTargetIsNeeded() {
        StringWriter err = new StringWriter();

        int exit = PerfCommand.commandLine(new PerfCommand())
                .setErr(new PrintWriter(err))
                .execute("-q", "1");

        assertThat(exit).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("-r").contains("--target");
    }
}
