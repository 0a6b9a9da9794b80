package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One line says what is wrong, another one what may help, and the exit code says whose fault it is. */
class ErrorsTest extends InspectedTarget {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | frob URI | frob | nvmf-inspect --help",
                "2 | list | URI | nvmf-inspect list --help",
                "2 | list http://a/b | scheme 'http' | nvmf-inspect list --help",
                "2 | list URI --frob | --frob | nvmf-inspect list --help",
                "2 | id-ns URI --nsid 0 | 0 | ",
                "2 | id-ns URI --nsid 4294967296 | --nsid 4294967296 is outside | ",
                "2 | logs URI frob | frob' is none of | ",
                "2 | logs URI 100h | log page 100h is outside | ",
                "2 | logs URI smart --length 7 | --length 7 is not a multiple of 4 | ",
                "2 | ping URI --count 0 | --count 0 | ",
                "2 | list nvme+tcp://127.0.0.1:1 | subsystem | ",
                "3 | id-ns URI --nsid 3 | namespace 3 is not active | nvmf-inspect list'",
                "3 | logs URI 0Ch | 1/09h | does not have this log page",
                "3 | list UNKNOWN | Connect | nvmf-inspect discover'",
                "3 | list PRIVATE | connect queue 0 | ?host-nqn=",
                "1 | list CLOSED | 127.0.0.1:1 | is there a target at this address",
                "1 | discover 127.0.0.1:1 | 127.0.0.1:1 | is there a target at this address",
            })
    void errorIsOneLineWithAHintAndAnExitCode(int exit, String command, String named, String hint) {
        String words = command.replace("URI", uri(DISK))
                .replace("UNKNOWN", uri(DISK) + "x")
                .replace("PRIVATE", uri(PRIVATE))
                .replace("CLOSED", "nvme+tcp://127.0.0.1:1/" + DISK);

        assertThat(run(words.split(" "))).as(out + "\n" + err).isEqualTo(exit);

        assertThat(out.toString()).isEmpty();
        List<String> lines = err.toString().lines().toList();
        assertThat(lines.get(0))
                .startsWith(exit == 2 && hint != null ? "wrong: " : "failed: ")
                .contains(named);
        if (hint == null) {
            assertThat(lines).hasSize(1);
        } else {
            assertThat(lines).hasSize(2);
            assertThat(lines.get(1)).startsWith("hint: ").contains(hint);
        }
    }

    @Test
    void aHostThatIsAdmittedSeesAPrivateSubsystem() {
        assertThat(run("list", uri(PRIVATE) + "?host-nqn=" + HOST))
                .as(err.toString())
                .isZero();
        assertThat(run("discover", "nvme+tcp://127.0.0.1:" + port() + "?host-nqn=" + HOST))
                .isZero();
        assertThat(out.toString()).contains(PRIVATE).contains(DISK).contains(TAPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " --json"})
    void aConnectionThatIsLostMeanwhileIsNotMadeAgain(String json) throws Exception {
        String words = "ping " + uri(DISK) + " --count 1000000 --interval 1" + json;
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> run(words.split(" ")), task -> {
            Thread thread = new Thread(task, "ping");
            thread.setDaemon(true);
            thread.start();
        });
        Awaitility.await().until(() -> target.controllers() == 1);

        target.disconnectAll().block();

        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(Failure.FAILED);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines().toList().get(0)).startsWith("failed: ");
    }

    @Test
    void outputThatNobodyReadsIsAFailure() {
        out.breaks();

        assertThat(run("list", uri(DISK))).isEqualTo(Failure.FAILED);

        assertThat(err.toString().lines()).singleElement().isEqualTo("failed: the output cannot be written");
    }

    @Test
    void outputThatDoesNotFitOnADiskIsAFailure() throws Exception {
        File full = new File("/dev/full");
        assumeTrue(full.exists(), "no /dev/full");
        Path notes = directory.resolve("err");
        Process process = new ProcessBuilder(command("list", uri(DISK), "--json"))
                .redirectOutput(full)
                .redirectError(notes.toFile())
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(Failure.FAILED);
            assertThat(notes).content().contains("failed: the output cannot be written");
        } finally {
            process.destroyForcibly();
        }
    }
}
