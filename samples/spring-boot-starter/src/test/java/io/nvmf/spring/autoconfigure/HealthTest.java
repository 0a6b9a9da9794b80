package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.command.Command;
import io.nvmf.spec.FeatureCommand;
import io.nvmf.spec.FeatureId;
import io.nvmf.spring.NvmeConnection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContext;

class HealthTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private BoundTarget target =
            NvmeTarget.memory(Contexts.NQN, 1 << 20, 512).bind().block(LIMIT);

    @AfterEach
    void close() {
        target.close().block(LIMIT);
    }

    private static BootHealth.Checked health(ApplicationContext context) {
        return BootHealth.check(context.getBean("nvmfHealthContributor"));
    }

    @Test
    void aConnectionThatIsLiveIsUpWithWhatTheControllerSaysOfItself() {
        Contexts.embedded().run(context -> {
            BootHealth.Checked health = health(context);
            assertThat(health.status()).isEqualTo("UP");
            assertThat(health.details())
                    .containsEntry("state", "live")
                    .containsEntry("association", 1)
                    .containsEntry("criticalWarnings", List.of())
                    .containsKeys("address", "controller", "temperature", "availableSpare", "percentageUsed");
        });
    }

    @Test
    void aConnectionThatNobodyHasUsedIsUnknown() {
        Contexts.lazyClient().run(context -> {
            assertThat(health(context).status()).isEqualTo("UNKNOWN");
            assertThat(health(context).details()).containsEntry("state", "idle");
        });
    }

    @Test
    void aConnectionThatIsLostIsDownAndSaysWhenTheNextAttemptIs() {
        Contexts.empty()
                .withPropertyValues("nvmf.client.uri=" + target.uri(Contexts.NQN))
                .run(context -> {
                    assertThat(health(context).status()).isEqualTo("UP");
                    target.close().block(LIMIT);
                    await().untilAsserted(() -> {
                        BootHealth.Checked health = health(context);
                        assertThat(health.status()).isEqualTo("DOWN");
                        assertThat(health.details())
                                .containsEntry("state", "reconnecting")
                                .containsKeys("attempt", "next", "reason");
                    });
                });
    }

    @Test
    void aLazyConnectionThatIsDownIsTriedAgainByTheCheckWhenItsTimeHasCome() {
        NvmeTarget later = NvmeTarget.memory(Contexts.NQN, 1 << 20, 512).bindAddress("127.0.0.1", target.port());
        target.close().block(LIMIT);
        Contexts.empty()
                .withPropertyValues("nvmf.client.startup=lazy", "nvmf.client.uri=" + target.uri(Contexts.NQN))
                .run(context -> {
                    context.getBean(NvmeConnection.class)
                            .controller()
                            .onErrorComplete()
                            .block(LIMIT);
                    assertThat(health(context).status()).isEqualTo("DOWN");
                    target = later.bind().block(LIMIT);
                    await().untilAsserted(
                                    () -> assertThat(health(context).status()).isEqualTo("UP"));
                });
    }

    @Test
    void criticalWarningsAreReportedAndTakeTheServiceOutOfRotationOnlyIfWanted() {
        Contexts.embedded().withPropertyValues("nvmf.health.time-to-live=0s").run(context -> {
            becomeTooWarm(context.getBean(NvmeController.class));
            assertThat(health(context).status()).isEqualTo("UP");
            assertThat(health(context).details()).containsEntry("criticalWarnings", List.of("temperature"));
        });
        Contexts.embedded()
                .withPropertyValues("nvmf.health.time-to-live=0s", "nvmf.health.fail-on-critical-warning=true")
                .run(context -> {
                    becomeTooWarm(context.getBean(NvmeController.class));
                    assertThat(health(context).status()).isEqualTo("OUT_OF_SERVICE");
                });
    }

    @Test
    void anAnswerOfTheControllerCountsForAWhile() {
        Contexts.embedded().withPropertyValues("nvmf.health.time-to-live=1h").run(context -> {
            health(context);
            becomeTooWarm(context.getBean(NvmeController.class));
            assertThat(health(context).details()).containsEntry("criticalWarnings", List.of());
        });
    }

    @Test
    void thereIsOneComponentPerConnectionWhereThereAreSeveral() {
        Contexts.embedded()
                .withPropertyValues(
                        "nvmf.clients.archive.startup=lazy",
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.1/" + Contexts.NQN)
                .run(context -> {
                    Object all = context.getBean("nvmfHealthContributor");
                    assertThat(BootHealth.check(BootHealth.component(all, "default"))
                                    .status())
                            .isEqualTo("UP");
                    assertThat(BootHealth.check(BootHealth.component(all, "archive"))
                                    .status())
                            .isEqualTo("UNKNOWN");
                });
    }

    @Test
    void itIsOffByItsPropertyAndWithoutAConnection() {
        Contexts.embedded()
                .withPropertyValues("management.health.nvmf.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("nvmfHealthContributor"));
        Contexts.empty().run(context -> assertThat(context).doesNotHaveBean("nvmfHealthContributor"));
    }

    /** Sets the threshold below what it is. */
    private static void becomeTooWarm(NvmeController controller) {
        controller
                .adminQueue()
                .execute(Command.feature(FeatureCommand.set(FeatureId.TEMPERATURE_THRESHOLD, 200))
                        .build())
                .block(LIMIT);
    }
}
