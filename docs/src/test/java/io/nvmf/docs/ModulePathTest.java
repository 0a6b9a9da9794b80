package io.nvmf.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An application on the module path: everything it needs is exported, and the rest is out of reach. */
class ModulePathTest {

    private static final String DESCRIPTOR = """
            module com.example.backup {
                requires io.nvmf.tcp;
                requires io.nvmf.rdma;
            }
            """;

    /** The libraries that come with sdk-tcp and sdk-rdma, among all that the tests use. */
    private static final Pattern LIBRARY =
            Pattern.compile("(netty-|reactor-core|reactor-netty-core|reactive-streams-\\d|slf4j-api|jspecify).*\\.jar");

    @TempDir
    private Path directory;

    @Test
    void anApplicationReadsOverAllTransports() throws Exception {
        Path source = Repository.sources("test").get("ModuleExample");
        assertThat(compile("ModuleExample", Files.readString(source))).isEmpty();

        Path output = directory.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--module-path",
                        modulePath() + File.pathSeparator + directory.resolve("classes"),
                        "--module",
                        "com.example.backup/io.nvmf.docs.ModuleExample")
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
        try {
            assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            java.destroyForcibly();
        }
        assertThat(output)
                .as(Files.readString(directory.resolve("errors")))
                .hasContent(
                        "module io.nvmf\nOptional[512] bytes over TCP\nOptional[512] bytes over RDMA\nOptional[512] bytes in the JVM");
    }

    static Stream<String> internalPackages() {
        return Stream.of(SdkModule.API, SdkModule.TCP, SdkModule.RDMA)
                .flatMap(module -> module.internalPackages().stream());
    }

    @ParameterizedTest
    @MethodSource("internalPackages")
    void whatIsInternalCannotBeImported(String name) throws IOException {
        assertThat(compile("Intruder", "import " + name + ".*;\nclass Intruder {}"))
                .contains("package " + name + " is not visible");
    }

    @Test
    void hostAndEngineAreInternal() {
        assertThat(internalPackages())
                .contains("io.nvmf.host.association", "io.nvmf.host.queue", "io.nvmf.subsystem.engine");
    }

    /** Compiles a class of the application's module, and returns what the compiler has to say. */
    private String compile(String name, String source) throws IOException {
        Path descriptor = Files.writeString(directory.resolve("module-info.java"), DESCRIPTOR);
        Path file = Files.writeString(directory.resolve(name + ".java"), source);
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        messages,
                        messages,
                        "-d",
                        directory.resolve("classes").toString(),
                        "--module-path",
                        modulePath(),
                        descriptor.toString(),
                        file.toString());
        return messages.toString(StandardCharsets.UTF_8);
    }

    private static String modulePath() {
        Stream<String> modules = Stream.of(SdkModule.API, SdkModule.TCP, SdkModule.RDMA)
                .map(module -> module.location().toString());
        Stream<String> libraries = Stream.of(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry ->
                        LIBRARY.matcher(Path.of(entry).getFileName().toString()).matches());
        return Stream.concat(modules, libraries).collect(Collectors.joining(File.pathSeparator));
    }
}
