package io.nvmf.samples.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison of transports, on runs too short to mean anything. */
class TransportsTest {

    private static final String SCRIPT = "src/reference/transports";

    /** Six JVMs one after the other: seconds, but on a busy machine minutes. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    Path directory;

    @BeforeEach
    void onlyWhereItCanRun() {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "no Linux");
    }

    @Test
    void transportsAreMeasuredInTurns() throws Exception {
        Path out = directory.resolve("out");

        assertThat(compare(out, PerfJar.in(directory), "4096:randread:4")).isZero();

        List<String> rows =
                text(out).lines().filter(line -> line.contains(" B ")).toList();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0)).startsWith("| 4096 B randread, 4 | tcp |").contains(" | 1.00 | ");
        assertThat(rows.get(1)).startsWith("| 4096 B randread, 4 | rdma |");
        assertThat(rows.get(2)).startsWith("| 4096 B randread, 4 | rdma without CRC |");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row)
                        .containsPattern("\\| [1-9]\\d* \\[[1-9]\\d*\\.\\.[1-9]\\d*\\] \\| [\\d.]+ \\|")
                        .containsPattern("\\| [\\d.]+ µs \\| \\d+ B \\| 1 \\|$"));
    }

    @Test
    void aFailedRunEndsItWithWhatWentWrong() throws Exception {
        Path out = directory.resolve("out");

        assertThat(compare(out, PerfJar.in(directory), "4096:sideways:4")).isNotZero();
        assertThat(text(out)).contains("4096:sideways:4 over tcp:").contains("'sideways'");
    }

    @Test
    void whatIsComparedCanBeSaid() throws Exception {
        Path out = directory.resolve("out");

        assertThat(compare(
                        out,
                        PerfJar.in(directory),
                        "4096:read:4",
                        "tcp=--transport tcp;stream=--transport tcp --path stream"))
                .isZero();
        assertThat(text(out).lines().filter(line -> line.contains(" B ")))
                .satisfiesExactly(
                        tcp -> assertThat(tcp).startsWith("| 4096 B read, 4 | tcp |"),
                        stream -> assertThat(stream).startsWith("| 4096 B read, 4 | stream |"));
    }

    private int compare(Path out, Path jar, String testCase) throws Exception {
        return compare(out, jar, testCase, "");
    }

    private int compare(Path out, Path jar, String testCase, String runs) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(SCRIPT, testCase).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME", System.getProperty("java.home"),
                        "JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
                        "JAR", jar.toString(),
                        "RUNS", runs,
                        "ROUNDS", "1",
                        "WARM_UP", "0",
                        "SECONDS_EACH", "1"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroy();
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
