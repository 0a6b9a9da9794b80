package io.nvmf.samples.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, completion, and the script that starts the program. */
class UsageTest {

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();

    private int run(String... words) {
        return InspectCommand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true))
                .execute(words);
    }

    private String output(ProcessBuilder builder) throws Exception {
        Path file = directory.resolve("output");
        Process process =
                builder.redirectErrorStream(true).redirectOutput(file.toFile()).start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            String output = Files.readString(file);
            assertThat(process.exitValue()).as(output).isZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void helpNamesAllSubcommandsAndExitCodes() {
        assertThat(run("--help")).isZero();

        assertThat(out.toString())
                .contains("discover", "list", "id-ctrl", "id-ns", "logs", "features", "events", "ping")
                .contains("generate-completion")
                .containsPattern("(?s)Exit codes:.*0 .*1 .*2 .*3 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"discover", "list", "id-ctrl", "id-ns", "logs", "features", "events", "ping"})
    void eachSubcommandHasHelpAndJson(String command) {
        assertThat(run(command, "--help")).isZero();

        assertThat(out.toString()).contains("Usage: nvmf-inspect " + command).contains("--json");
    }

    @Test
    void completionIsAScriptThatBashUnderstandsAndCompletesWith() throws Exception {
        assumeTrue(new File("/bin/bash").canExecute(), "no bash");
        assertThat(run("generate-completion")).isZero();
        Path script = Files.writeString(directory.resolve("completion"), out.toString());

        output(new ProcessBuilder("/bin/bash", "-n", script.toString()));
        String completions = output(new ProcessBuilder(
                "/bin/bash",
                "-c",
                "source " + script
                        + "; COMP_WORDS=(nvmf-inspect ev); COMP_CWORD=1; COMP_LINE='nvmf-inspect ev';"
                        + " _complete_nvmf-inspect; printf '%s\\n' \"${COMPREPLY[@]}\""));

        assertThat(completions.lines()).contains("events");
    }

    @Test
    void theScriptStartsTheJar() throws Exception {
        assumeTrue(new File("/bin/sh").canExecute(), "no /bin/sh");
        Path java = Files.createDirectories(directory.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        ProcessBuilder builder = new ProcessBuilder(new File("nvmf-inspect").getAbsolutePath(), "list", "a b");
        builder.environment().put("JAVA_HOME", directory.toString());

        List<String> words = output(builder).lines().toList();

        assertThat(words)
                .contains("--enable-native-access=ALL-UNNAMED")
                .endsWith("list", "a b")
                .anyMatch(word -> word.endsWith("target/nvmf-inspect.jar"));
    }
}
