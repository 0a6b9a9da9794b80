package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The yardsticks and what measures them, on cases too short to mean anything. */
class CompareTest {

    private static final String SCRIPT = "src/reference/compare";
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    /** What a run takes is compiling C and starting JVMs: seconds, but on a busy machine minutes. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** For JVMs that start one after the other and have nothing to show but that they work. */
    private static final String QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    /** More than a test has clients, each of which takes the next port. */
    private static final int PORTS = 8;

    @TempDir
    Path directory;

    @BeforeEach
    void onlyWhereItCanRun() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "no Linux");
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "cc"))),
                "no C compiler");
    }

    @Test
    void clientsAreMeasuredInTurns() throws Exception {
        String other = JAVA + ' ' + QUICK_START + " -jar " + PerfJar.in(directory)
                + " -r nvme+tcp://127.0.0.1:{port}/{nqn} -o {bytes} -w {pattern} -q {depth} -t 3600 -a 0";

        List<String> table = compare(
                Map.of("OTHER", other, "PATHS", "stream", "VARIANTS", "one", "VARIANT_one", "-H -I jvm=-Xmx64m"),
                "16384:write:1");

        assertThat(table.get(1)).isEqualTo("<!-- one: -H -I jvm=-Xmx64m -->");
        assertThat(table.get(2)).contains("| ratio to echo | ratio to other | CPU per I/O |");
        List<String> rows = rows(table);
        assertThat(rows).hasSize(4);
        assertThat(rows.get(0)).startsWith("| 16384 B write, 1 | echo |").contains(" | 1.00 [1.00..1.00] | ");
        assertThat(rows.get(1)).startsWith("| 16384 B write, 1 | other |").contains(" | 1.00 [1.00..1.00] | ");
        assertThat(rows.get(2)).startsWith("| 16384 B write, 1 | stream |").containsPattern("\\| [1-9]\\d* B \\|");
        assertThat(rows.get(3)).startsWith("| 16384 B write, 1 | one |").containsPattern("\\| [1-9]\\d* B \\|");
        assertMeasured(rows);
    }

    @Test
    void variantsHaveJarsAndOptionsOfTheirOwn() throws Exception {
        List<String> table = compare(
                Map.of(
                        "PATHS", "stream", // left out, as it does not go with random reads
                        "RATIOS", "base",
                        "VARIANTS", "base observations",
                        "VARIANT_base", "jar=" + PerfJar.in(directory, "older.jar"),
                        "VARIANT_observations", "--metrics observations --capture " + directory.resolve("c.pcapng")),
                "4096:randread:4");

        List<String> rows = rows(table);
        assertThat(table.get(3)).contains("| IOPS | ratio to base | CPU per I/O |");
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).startsWith("| 4096 B randread, 4 | echo |");
        assertThat(rows.get(1)).startsWith("| 4096 B randread, 4 | base |").contains(" | 1.00 [1.00..1.00] | ");
        assertThat(rows.get(2)).startsWith("| 4096 B randread, 4 | observations |");
        assertMeasured(rows);
        assertThat(directory.resolve("c.pcapng")).isNotEmptyFile();
    }

    private static List<String> rows(List<String> table) {
        return table.stream().filter(line -> line.contains(" B ")).toList();
    }

    private static void assertMeasured(List<String> rows) {
        assertThat(rows)
                .allSatisfy(row -> assertThat(row)
                        .containsPattern("\\| [1-9]\\d* \\| [\\d.]+ \\[[\\d.]+\\.\\.[\\d.]+\\] \\|")
                        .containsPattern("\\| [\\d.]+ µs \\|")
                        .containsPattern("\\| (reno|\\?)/\\S+ \\|")
                        .endsWith("| 2 (0) |"));
    }

    @Test
    void processorTimeAtALowRateIsShown() throws Exception {
        List<String> table = compare(Map.of("JAVA_OPTS", "", "RATES", "0.001 50", "DELAYS", "3000"), "idle");

        assertThat(table).hasSize(5);
        assertThat(table.get(3)).matches("\\| none \\| 3000 µs \\| default \\| \\d+ µs/s \\| \\d+ µs/s \\|");
        assertThat(table.get(4)).matches("\\| 50 \\| 3000 µs \\| default \\| [1-9]\\d* µs/s \\| [1-9]\\d* µs/s \\|");
    }

    @Test
    void whatHasBeenStartedEndsWithTheScript() throws Exception {
        Process process = script(Map.of("ROUNDS", "10000"), "4096:randread:1").start();
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> process.descendants().anyMatch(CompareTest::isEcho));
            List<ProcessHandle> started =
                    process.descendants().filter(CompareTest::isEcho).toList();

            process.destroy();

            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Awaitility.await().until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isEcho(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/echo");
    }

    /** The lines that it prints. */
    private List<String> compare(Map<String, String> environment, String... arguments) throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = script(environment, arguments)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as(text(err))
                    .isTrue();
            assertThat(process.exitValue()).as(text(err)).isZero();
        } finally {
            process.destroy();
        }
        return text(out).lines().toList();
    }

    /** Each window is short, and valid whatever else the machine does. */
    private ProcessBuilder script(Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(SCRIPT);
        builder.command().addAll(List.of(arguments));
        Map<String, String> all = builder.environment();
        all.put("JAVA_HOME", System.getProperty("java.home"));
        all.put("JAVA_OPTS", QUICK_START);
        all.put("JAR", PerfJar.in(directory).toString());
        all.put("NAMESPACE", "");
        all.put("STRICT", "");
        all.put("PATHS", "");
        all.put("ROUNDS", "2");
        all.put("WARM_UP", "0");
        all.put("SETTLE", "0.05");
        all.put("WINDOW", "0.4");
        all.put("PORT", Integer.toString(freePorts()));
        all.putAll(environment);
        return builder;
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    /** The first of some free ports in a row, below those that the system hands out to others meanwhile. */
    private static int freePorts() {
        Random random = new Random();
        int first;
        do {
            first = 12_000 + random.nextInt(16_000);
        } while (!IntStream.range(first, first + PORTS).allMatch(CompareTest::isFree));
        return first;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
