package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.LogPage;
import io.nvmf.subsystem.BlockStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest extends InspectedTarget {

    private static final int SIGTERM = 15;

    @TempDir
    private Path directory;

    private CompletableFuture<Integer> listen(String... options) {
        return listenTo(uri(DISK), options);
    }

    private CompletableFuture<Integer> listenTo(String uri, String... options) {
        String[] words = new String[options.length + 2];
        words[0] = "events";
        words[1] = uri;
        System.arraycopy(options, 0, words, 2, options.length);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> run(words), task -> {
            Thread thread = new Thread(task, "events");
            thread.setDaemon(true);
            thread.start();
        });
        Awaitility.await().until(() -> err.toString().contains("listening to controller"));
        return exit;
    }

    private void addNamespace(int nsid) {
        target.subsystem(DISK)
                .addNamespace(nsid, BlockStore.memory(1 << 20, 512))
                .block();
    }

    @Test
    void whatAControllerTellsIsShownWhenItTellsItUntilThereWasEnough() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "2");

        addNamespace(9);
        Awaitility.await().until(() -> out.toString().contains("namespaces changed: added [9]"));
        assertThat(exit).isNotDone();
        target.subsystem(DISK).removeNamespace(9).block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString().lines())
                .hasSize(2)
                .allMatch(line ->
                        line.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z namespaces changed: .*"))
                .last()
                .asString()
                .endsWith("removed [9]");
    }

    @Test
    void jsonHasAnObjectInEachLine() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "1", "--json");

        addNamespace(10);

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString())
                .matches("\\{\"time\": \"[^\"]+\", \"event\": \"namespaces_changed\", \"added\": \\[10\\]\\}\\R");
    }

    @Test
    void lossOfTheConnectionAndItsReturnAreShown() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "3");

        target.disconnectAll().block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString())
                .contains("controller reconnecting: attempt 1, reason ")
                .contains("controller connecting");
    }

    @Test
    void eventsOfVendorsAreShownAsNumbers() throws Exception {
        CompletableFuture<Integer> exit = listen("--count", "1");

        target.subsystem(DISK)
                .postEvent(new AsyncEvent(AsyncEvent.TYPE_VENDOR, 0xAB, LogPage.SMART_HEALTH, 0))
                .block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(out.toString()).contains(" other: type 07h, information ABh, log page 02h");
    }

    /** Whether it has been told of enough things meanwhile does not matter. */
    @ParameterizedTest
    @ValueSource(strings = {"--count 0", "--count 1", "--count 1 --json"})
    void aControllerThatIsLostForGoodEndsItAsALostConnection(String options) throws Exception {
        CompletableFuture<Integer> exit = listenTo(uri(DISK) + "?recovery=none", options.split(" "));

        target.disconnectAll().block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(Failure.FAILED);
        assertThat(out.toString().lines())
                .singleElement()
                .asString()
                .matches(
                        options.contains("--json")
                                ? "\\{\"time\": \"[^\"]+\", \"event\": \"controller_lost\", \"reason\": \"the co[^\"]+\"\\}"
                                : ".*Z controller lost: reason the co.*");
        assertThat(err.toString().lines()).anyMatch(line -> line.startsWith("failed: the controller is given up: the"));
    }

    @Test
    void aControllerThatDoesNotComeBackInTimeEndsItWithWhatTheLastAttemptMet() throws Exception {
        CompletableFuture<Integer> exit = listenTo(uri(DISK) + "?loss-timeout=500ms&keep-alive=1s");

        target.close().block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(Failure.FAILED);
        assertThat(out.toString().lines()).last().asString().contains(" controller lost: reason ");
        assertThat(err.toString())
                .contains("failed: the controller is given up: ")
                .contains("127.0.0.1")
                .contains("hint: ");
    }

    @Test
    void nobodyReadsTheOutputAnyMore() throws Exception {
        CompletableFuture<Integer> exit = listenTo(uri(DISK));
        out.breaks();

        addNamespace(11);

        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(Failure.FAILED);
        assertThat(err.toString()).contains("failed: the output cannot be written");
    }

    /** It says goodbye to the controller first. */
    @Test
    void aSignalEndsItAfterTheLastWholeLine() throws Exception {
        Path lines = directory.resolve("out");
        Path notes = directory.resolve("err");
        Process process = new ProcessBuilder(command("events", uri(DISK), "--json"))
                .redirectOutput(lines.toFile())
                .redirectError(notes.toFile())
                .start();
        try {
            Awaitility.await().until(() -> Files.readString(notes).contains("listening to controller"));
            addNamespace(12);
            Awaitility.await().until(() -> Files.readString(lines).contains("[12]"));

            process.destroy();

            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(128 + SIGTERM);
            assertThat(Files.readAllLines(lines)).allMatch(line -> line.matches("\\{.*\\}"));
            Awaitility.await().until(() -> target.controllers() == 0);
        } finally {
            process.destroyForcibly();
        }
    }
}
