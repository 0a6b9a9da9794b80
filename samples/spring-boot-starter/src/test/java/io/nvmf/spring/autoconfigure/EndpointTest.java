package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.Nqn;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.connection.LatestState;
import io.nvmf.spring.endpoint.NvmeEndpoint;
import io.nvmf.spring.endpoint.NvmeInfoContributor;
import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** What the actuator tells of connections on request. */
class EndpointTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final BoundTarget target = NvmeTarget.create()
            .subsystem(
                    Contexts.NQN,
                    options -> options.namespace(1, BlockStore.memory(1 << 20, 512))
                            .namespace(7, BlockStore.memory(2 << 20, 4096)))
            .bind()
            .block(LIMIT);

    @AfterEach
    void close() {
        target.close().block(LIMIT);
    }

    private static ApplicationContextRunner with(ApplicationContextRunner runner) {
        return runner.withConfiguration(AutoConfigurations.of(
                        NvmeEndpointAutoConfiguration.class, NvmeInfoContributorAutoConfiguration.class))
                .withPropertyValues("management.endpoints.web.exposure.include=nvmf,info");
    }

    private ApplicationContextRunner application() {
        return with(Contexts.empty()).withPropertyValues("nvmf.client.uri=" + target.uri(Contexts.NQN));
    }

    @SuppressWarnings("unchecked") // maps all the way down
    private static Map<String, Object> told(ApplicationContext context, String connection) {
        Map<String, Object> all =
                context.getBean(NvmeEndpoint.class).connections().block(LIMIT);
        return (Map<String, Object>) ((Map<String, Object>) all.get("connections")).get(connection);
    }

    private static Object info(ApplicationContext context) {
        Info.Builder builder = new Info.Builder();
        context.getBean(NvmeInfoContributor.class).contribute(builder);
        return builder.build().get("nvmf");
    }

    @Test
    void aLiveConnectionIsToldWithItsControllerQueuesAndNamespaces() {
        application().withPropertyValues("nvmf.client.io-queues=3").run(context -> {
            NvmeController controller = context.getBean(NvmeController.class);
            String address = "nvme+tcp://127.0.0.1:" + target.port() + "/" + Contexts.NQN;

            Map<String, Object> told = told(context, "default");

            assertThat(told)
                    .containsOnlyKeys("address", "subsystem", "state", "association", "controller", "namespaces")
                    .containsEntry("address", address)
                    .containsEntry("subsystem", Contexts.NQN)
                    .containsEntry("state", "live")
                    .containsEntry("association", 1);
            assertThat(told)
                    .extracting("controller")
                    .isEqualTo(Map.of(
                            "id",
                            controller.id(),
                            "version",
                            controller.version().toString(),
                            "model",
                            controller.identify().modelNumber(),
                            "firmware",
                            controller.identify().firmwareRevision(),
                            "keepAlive",
                            "PT10S",
                            "sqFlowControl",
                            controller.sqFlowControl(),
                            "adminQueue",
                            queue(0, controller.adminQueue().depth()),
                            "ioQueues",
                            List.of(queue(1, 127), queue(2, 127), queue(3, 127))));
            assertThat(told)
                    .extracting("namespaces")
                    .isEqualTo(List.of(namespace(1, 1 << 20, 512), namespace(7, 2 << 20, 4096)));
        });
    }

    private static Map<String, Object> queue(int id, int depth) {
        return Map.of("id", id, "depth", depth);
    }

    private static Map<String, Object> namespace(long nsid, long size, int blockSize) {
        return Map.of(
                "nsid",
                nsid,
                "size",
                size,
                "blockSize",
                blockSize,
                "maxTransferBlocks",
                (1 << 20) / blockSize,
                "readOnly",
                false);
    }

    @Test
    void aConnectionThatIsLostIsToldWithTheNextAttempt() {
        application()
                .withPropertyValues(
                        "nvmf.client.recovery.first-delay=1h",
                        "nvmf.client.recovery.max-delay=1h",
                        "nvmf.client.recovery.loss-timeout=2h")
                .run(context -> {
                    target.close().block(LIMIT);
                    NvmeConnection connection = context.getBean(NvmeConnection.class);
                    // the first attempt comes at once, the second one does not
                    await().until(() ->
                            LatestState.of(connection).orElseThrow() instanceof ControllerState.Reconnecting state
                                    && state.attempt() == 2);

                    Map<String, Object> told = told(context, "default");

                    assertThat(told)
                            .containsEntry("state", "reconnecting")
                            .containsEntry("attempt", 2)
                            .containsKey("reason")
                            .doesNotContainKeys("controller", "namespaces");
                    assertThat(Instant.parse((String) told.get("next"))).isAfter(Instant.now());
                    assertThat(info(context))
                            .isEqualTo(Map.of("default", Map.of("subsystem", Contexts.NQN, "state", "reconnecting")));
                });
    }

    @Test
    void askingMakesNoConnection() {
        application()
                .withPropertyValues(
                        "nvmf.client.startup=lazy",
                        "nvmf.clients.archive.startup=lazy",
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.1/" + Contexts.NQN)
                .run(context -> {
                    assertThat(told(context, "default")).containsEntry("state", "idle");
                    assertThat(told(context, "archive"))
                            .isEqualTo(Map.of(
                                    "address",
                                    "nvme+tcp://192.0.2.1/" + Contexts.NQN,
                                    "subsystem",
                                    Contexts.NQN,
                                    "state",
                                    "idle"));
                    assertThat(info(context))
                            .isEqualTo(Map.of(
                                    "default", Map.of("subsystem", Contexts.NQN, "state", "idle"),
                                    "archive", Map.of("subsystem", Contexts.NQN, "state", "idle")));
                    assertThat(target.controllers()).isZero();
                });
    }

    @Test
    void aControllerThatKnowsNoNamespacesIsToldAllTheSame() {
        with(Contexts.empty())
                .withPropertyValues("nvmf.client.uri=" + target.uri(Nqn.DISCOVERY))
                .run(context -> assertThat(told(context, "default"))
                        .containsEntry("state", "live")
                        .containsKey("controller")
                        .containsKey("namespacesReason"));
    }

    @Test
    void settingsOfTheClientAreNotTold() {
        application()
                .withPropertyValues(
                        "nvmf.client.host-nqn=nqn.2026-01.com.example:secret",
                        "nvmf.client.host-id=0a6dfde1-46d5-4a48-a1b5-46a9f2a0fd32")
                .run(context -> assertThat(told(context, "default").toString() + info(context))
                        .doesNotContain("secret", "0a6dfde1", "host-"));
    }

    @Test
    void theyAreThereOnlyWhereTheyAreWanted() {
        with(Contexts.lazyClient())
                .run(context ->
                        assertThat(context).hasSingleBean(NvmeEndpoint.class).hasSingleBean(NvmeInfoContributor.class));
        with(Contexts.lazyClient())
                .withPropertyValues(
                        "management.endpoints.web.exposure.exclude=nvmf", "management.info.nvmf.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(NvmeEndpoint.class)
                        .doesNotHaveBean(NvmeInfoContributor.class));
        with(Contexts.empty())
                .run(context -> assertThat(context)
                        .doesNotHaveBean(NvmeEndpoint.class)
                        .doesNotHaveBean(NvmeInfoContributor.class));
        with(Contexts.lazyClient())
                .withClassLoader(new FilteredClassLoader(Endpoint.class, InfoContributor.class))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(NvmeConnection.class)
                        .doesNotHaveBean("nvmfEndpoint")
                        .doesNotHaveBean("nvmfInfoContributor"));
    }
}
