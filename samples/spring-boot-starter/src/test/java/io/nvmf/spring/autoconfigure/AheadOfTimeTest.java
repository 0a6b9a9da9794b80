package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.spring.properties.CaptureProperties;
import io.nvmf.spring.properties.ClientProperties;
import io.nvmf.spring.properties.HealthProperties;
import io.nvmf.spring.properties.LoopProperties;
import io.nvmf.spring.properties.NvmeProperties;
import io.nvmf.spring.properties.RecoveryProperties;
import io.nvmf.spring.properties.SecurityProperties;
import io.nvmf.spring.properties.StreamProperties;
import io.nvmf.spring.properties.TargetProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.ExecutableHint;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.io.InputStreamSource;
import org.springframework.javapoet.ClassName;

/** What a native image is told of this starter. */
class AheadOfTimeTest {

    /** What is generated for an application. */
    private record Processed(InMemoryGeneratedFiles files, RuntimeHints hints) {}

    private static Processed processed(String... properties) {
        InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();
        DefaultGenerationContext generation = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get("io.nvmf.spring.autoconfigure", "Application")), files);
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            TestPropertyValues.of(properties).applyTo(context);
            context.register(
                    NvmeAutoConfiguration.class, NvmeNamedClientsAutoConfiguration.class, BootHealth.CONFIGURATIONS[0]);
            new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        }
        generation.writeGeneratedContent();
        return new Processed(files, generation.getRuntimeHints());
    }

    @Test
    void propertiesCanBeBound() {
        RuntimeHints hints = processed("nvmf.client.uri=nvme+tcp://192.0.2.1/" + Contexts.NQN)
                .hints();

        for (Class<?> type : new Class<?>[] {
            NvmeProperties.class,
            ClientProperties.class,
            CaptureProperties.class,
            RecoveryProperties.class,
            SecurityProperties.class,
            LoopProperties.class,
            HealthProperties.class,
            StreamProperties.class,
            StreamProperties.Read.class,
            StreamProperties.Write.class,
            TargetProperties.class,
            TargetProperties.Namespace.class
        }) {
            // the predicates for it have other names in other versions
            assertThat(hints.reflection().getTypeHint(type).constructors())
                    .as(type.getSimpleName())
                    .extracting(ExecutableHint::getMode)
                    .containsExactly(ExecutableMode.INVOKE);
        }
    }

    @Test
    void connectionsWithNamesBecomeCodeWithTheirQualifiers() {
        InMemoryGeneratedFiles files = processed(
                        "nvmf.clients.archive.startup=lazy",
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.1/" + Contexts.NQN)
                .files();
        String code = files.getGeneratedFiles(GeneratedFiles.Kind.SOURCE).values().stream()
                .map(AheadOfTimeTest::text)
                .reduce("", String::concat);

        assertThat(code)
                .contains("archiveNvmeConnection", "archiveNvmeClient", "archiveNvmeController")
                .contains("addQualifier(new AutowireCandidateQualifier(")
                .contains("setDefaultCandidate(false)");
    }

    private static String text(InputStreamSource source) {
        try {
            return new String(source.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
