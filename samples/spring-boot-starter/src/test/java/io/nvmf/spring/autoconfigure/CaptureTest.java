package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.properties.InvalidNvmePropertyException;
import io.nvmf.spring.test.AutoConfigureNvmeTarget;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What goes over the wire is in a file, for the embedded controllers as for clients. */
class CaptureTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String ON_THE_WIRE = "nqn.2026-01.io.nvmf:";

    @TempDir
    private Path directory;

    @AutoConfigureNvmeTarget
    static class InATest {}

    /** The name of the subsystem is in the data of the Connect command. */
    private void isCaptured(ApplicationContextRunner runner, String properties) {
        Path file = directory.resolve(properties + ".pcapng");
        runner.withPropertyValues(
                        properties + ".file=" + file,
                        properties + ".data=2KB",
                        properties + ".size=2MB",
                        properties + ".files=2")
                .run(context -> assertThat(context.getBean(NvmeConnection.class)
                                .namespace(1)
                                .block(LIMIT)
                                .id())
                        .isEqualTo(1));
        await().untilAsserted(() -> assertThat(file).exists());
        await().untilAsserted(() ->
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains(ON_THE_WIRE));
    }

    @Test
    void ofAClient() {
        isCaptured(Contexts.embedded(), "nvmf.client.capture");
    }

    @Test
    void ofTheEmbeddedController() {
        isCaptured(Contexts.embedded(), "nvmf.target.capture");
    }

    @Test
    void ofTheEmbeddedControllerOfATest() {
        isCaptured(Contexts.empty().withUserConfiguration(InATest.class), "nvmf.target.capture");
    }

    @Test
    void whatCannotBeUsedIsRefusedForTheEmbeddedControllerOfATest() {
        Contexts.empty()
                .withUserConfiguration(InATest.class)
                .withPropertyValues("nvmf.target.capture.files=0")
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining(InvalidNvmePropertyException.class.getName()
                                + ": nvmf.target.capture.files cannot be 0: "));
    }
}
