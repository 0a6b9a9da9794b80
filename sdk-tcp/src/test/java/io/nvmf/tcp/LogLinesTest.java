package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What an application logs at info level tells the lives of its associations, a line for each thing that happens. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogLinesTest {

    private static final String NUMBER = "\\d+";
    private static final String SECONDS = "\\d+\\.\\d{3} s";
    private static final String ID = "\\[([0-9a-z]{6})]";

    /** What the logger puts in front. */
    private static final Pattern PREFIX = Pattern.compile("\\[[^]]*] (INFO|WARN|ERROR) (\\S+) - ");

    private final List<String> host = new ArrayList<>();
    private final List<String> controller = new ArrayList<>();
    private List<String> printed;

    @BeforeAll
    void run(@TempDir Path directory) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-Dorg.slf4j.simpleLogger.log.io.nvmf=info",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoggedLives.class.getName())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            assertThat(java.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            java.destroyForcibly();
        }
        assertThat(java.exitValue()).as(Files.readString(errors)).isZero();
        printed = Files.readAllLines(output);
        for (String line : Files.readAllLines(errors)) {
            Matcher prefix = PREFIX.matcher(line);
            // What is said of the JVM is not of an association.
            if (prefix.lookingAt() && !prefix.group(2).equals(JvmAdvice.class.getName())) {
                (line.contains("] controller ") ? controller : host).add(line.substring(prefix.end()));
            }
        }
    }

    private static String id(String line) {
        Matcher id = Pattern.compile(ID).matcher(line);
        assertThat(id.lookingAt()).as(line).isTrue();
        return id.group(1);
    }

    private static Pattern pattern(String text) {
        return Pattern.compile(text);
    }

    @Test
    void aHostTellsOfConnectingLossRecoveryAndEndInOneLineEach() {
        String connected = ID + " connected to nvme\\+tcp://127\\.0\\.0\\.1:" + NUMBER + '/' + LoggedLives.NQN + " as "
                + LoggedLives.HOST + ": controller " + NUMBER + ", 2 I/O queues of 64 entries, admin queue of 32,"
                + " keep alive 20000 ms, MDTS (" + NUMBER + "|unlimited) bytes, in-capsule data " + NUMBER
                + " bytes, SQ flow control (on|off), header digest on, data digest off, MAXH2CDATA " + NUMBER
                + " bytes";
        assertThat(host).hasSize(6);
        assertThat(host.get(0)).matches(connected);
        assertThat(host.get(1)).matches(ID + " lost after " + SECONDS + ": queue [012], the connection .*");
        assertThat(host.get(2))
                .matches(
                        ID + " the first attempt to reach \\S+ again has failed, the next is in " + NUMBER + " ms: .*");
        assertThat(host.get(3)).matches(connected);
        assertThat(host.get(4))
                .matches(ID + " recovered: association 2 of \\S+ with " + NUMBER + " attempts, after " + SECONDS
                        + " without one, in place of " + ID);
        assertThat(host.get(5)).matches(ID + " closed after " + SECONDS);
    }

    @Test
    void linesOfAnAssociationHaveOneNameAndTheNextAnother() {
        String first = id(host.get(0));
        String second = id(host.get(3));
        assertThat(host).extracting(LogLinesTest::id).containsExactly(first, first, first, second, second, second);
        assertThat(second).isNotEqualTo(first);
        assertThat(host.get(4)).endsWith('[' + first + ']');
    }

    @Test
    void aControllerShowsTheNameSoThatApplicationsCanLogIt() {
        assertThat(printed).hasSize(2);
        assertThat(printed.get(0)).contains("association " + id(host.get(0)));
        assertThat(printed.get(1)).contains("association " + id(host.get(3)));
    }

    @Test
    void theOtherSideHasANameOfItsOwnAndTellsWhoIsThereAndHowItEnds() {
        List<String> names =
                controller.stream().map(LogLinesTest::id).distinct().toList();
        assertThat(names).hasSize(2).doesNotContain(id(host.get(0)), id(host.get(3)));
        for (String name : names) {
            List<String> life =
                    controller.stream().filter(line -> id(line).equals(name)).toList();
            String who = ID + " controller " + NUMBER + " of " + LoggedLives.NQN + " for " + LoggedLives.HOST;
            assertThat(life).hasSize(2);
            assertThat(life.get(0))
                    .matches(who + " with identifier \\S+ at 127\\.0\\.0\\.1:" + NUMBER + " begins: up to " + NUMBER
                            + " I/O queues of " + NUMBER + " entries, keep alive 20000 ms, in-capsule data " + NUMBER
                            + " bytes");
            assertThat(pattern(who + " (ends|fails) after " + SECONDS)
                            .matcher(life.get(1))
                            .lookingAt())
                    .as(life.get(1))
                    .isTrue();
        }
        assertThat(controller.get(controller.size() - 1)).contains("shut down by the host");
    }
}
