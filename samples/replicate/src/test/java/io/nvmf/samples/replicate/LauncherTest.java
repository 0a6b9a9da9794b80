package io.nvmf.samples.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the program, with something in place of java that prints its arguments. */
class LauncherTest {

    @TempDir
    Path home;

    @Test
    void theJarIsStartedWithWhatNewerJdksWantToBeToldAndWithTheArguments() throws Exception {
        assumeTrue(new File("/bin/sh").canExecute(), "no /bin/sh");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        ProcessBuilder builder =
                new ProcessBuilder(new File("nvmf-replicate").getAbsolutePath(), "--state", "a file", "FROM");
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().put("JAVA_OPTS", "-Xmx1g -Da=b");
        Path output = home.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readAllLines(output))
                .contains(
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED")
                .containsSubsequence("-Xmx1g", "-Da=b", "-jar")
                .endsWith("--state", "a file", "FROM")
                .anyMatch(word -> word.endsWith("target/nvmf-replicate.jar"));
    }
}
