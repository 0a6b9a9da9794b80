package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnections;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class NvmeAutoConfigurationTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(NvmeAutoConfiguration.class, NvmeNamedClientsAutoConfiguration.class));

    @Test
    void anEmbeddedControllerIsWhatTheDefaultConnectionGoesTo() {
        runner.withPropertyValues("nvmf.target.enabled=true").run(context -> {
            assertThat(context).hasSingleBean(BoundTarget.class).hasSingleBean(NvmeClient.class);
            NvmeConnection connection = context.getBean(NvmeConnection.class);
            NvmeController controller = context.getBean(NvmeController.class);
            NvmeNamespace namespace = connection.namespace(1).block(LIMIT);

            assertThat(connection.controller().block(LIMIT)).isSameAs(controller);
            assertThat(namespace.size()).isEqualTo(64 << 20);
            assertThat(context.getBean(NvmeConnections.class).all())
                    .containsOnlyKeys(NvmeConnection.DEFAULT_NAME)
                    .containsValue(connection);
        });
    }

    @Test
    void nothingIsThereOfWhichNothingIsSaid() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(NvmeConnection.class)
                .doesNotHaveBean(NvmeClient.class));
    }
}
