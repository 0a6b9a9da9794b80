package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spring.NvmeClientCustomizer;
import io.nvmf.spring.NvmeConnection;
import io.nvmf.spring.NvmeConnectionDetails;
import io.nvmf.spring.NvmeConnections;
import io.nvmf.spring.connection.ConnectionSettings;
import io.nvmf.spring.connection.ConnectionsByName;
import io.nvmf.spring.connection.SharedConnection;
import io.nvmf.spring.connection.StartupMode;
import io.nvmf.spring.test.AutoConfigureNvmeTarget;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import reactor.netty.resources.LoopResources;

/** Each bean gives way to one of the application, and what uses it uses that one. */
class BackOffTest {

    private static final NvmeClient OWN =
            NvmeClient.create().remoteAddress("192.0.2.55", 4420).subsystem(Contexts.NQN);

    private static final ConnectionSettings LAZY = new ConnectionSettings(
            StartupMode.LAZY,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            false);

    @Configuration(proxyBeanMethods = false)
    static class Mine {

        @Bean
        LoopResources nvmfLoopResources() {
            return LoopResources.create("mine", 1, true);
        }
    }

    @Test
    void loops() {
        Contexts.lazyClient()
                .withUserConfiguration(Mine.class)
                .run(context -> assertThat(context)
                        .getBeans(LoopResources.class)
                        .hasSize(1)
                        .allSatisfy(
                                (name, loops) -> assertThat(loops.toString()).contains("mine")));
    }

    @Test
    void client() {
        Contexts.lazyClient().withBean("mine", NvmeClient.class, () -> OWN).run(context -> {
            assertThat(context).hasSingleBean(NvmeClient.class);
            assertThat(context.getBean(NvmeConnection.class).client()).isSameAs(OWN);
        });
    }

    @Test
    void aClientOfTheApplicationIsEnoughForAConnection() {
        Contexts.empty()
                .withPropertyValues("nvmf.client.startup=lazy")
                .withBean("mine", NvmeClient.class, () -> OWN)
                .run(context -> assertThat(context.getBean(NvmeConnection.class).client())
                        .isSameAs(OWN));
    }

    @Test
    void connection() {
        SharedConnection own = new SharedConnection("own", OWN, LAZY);
        Contexts.lazyClient().withBean("mine", NvmeConnection.class, () -> own).run(context -> {
            assertThat(context).getBean(NvmeConnection.class).isSameAs(own);
            assertThat(context.getBean(NvmeConnections.class).get("own")).isSameAs(own);
        });
    }

    @Test
    void connections() {
        NvmeConnections own = new ConnectionsByName(List::of);
        Contexts.lazyClient()
                .withBean("mine", NvmeConnections.class, () -> own)
                .run(context ->
                        assertThat(context).getBean(NvmeConnections.class).isSameAs(own));
    }

    @Test
    void controller() {
        Contexts.embedded().run(first -> {
            NvmeController own = first.getBean(NvmeController.class);
            Contexts.lazyClient()
                    .withBean("mine", NvmeController.class, () -> own)
                    .run(context ->
                            assertThat(context).getBean(NvmeController.class).isSameAs(own));
        });
    }

    @Test
    void details() {
        NvmeConnectionDetails own = () -> URI.create("nvme+tcp://192.0.2.44/" + Contexts.NQN);
        Contexts.lazyClient()
                .withPropertyValues("nvmf.client.io-queues=3")
                .withBean("mine", NvmeConnectionDetails.class, () -> own)
                .run(context -> {
                    assertThat(context).getBean(NvmeConnectionDetails.class).isSameAs(own);
                    assertThat(context.getBean(NvmeClient.class).uri())
                            .as("address of the details, settings of the properties")
                            .hasToString("nvme+tcp://192.0.2.44/" + Contexts.NQN + "?io-queues=3");
                });
    }

    @Test
    void streamOptions() {
        ReadStreamOptions read = ReadStreamOptions.defaults().window(2);
        WriteStreamOptions write = WriteStreamOptions.defaults().window(3);
        Contexts.empty()
                .withBean("myRead", ReadStreamOptions.class, () -> read)
                .withBean("myWrite", WriteStreamOptions.class, () -> write)
                .run(context -> {
                    assertThat(context).getBean(ReadStreamOptions.class).isSameAs(read);
                    assertThat(context).getBean(WriteStreamOptions.class).isSameAs(write);
                });
    }

    @Test
    void target() {
        NvmeTarget own = NvmeTarget.memory("nqn.2026-01.io.nvmf:embedded", 512, 512);
        Contexts.embedded().withBean("mine", NvmeTarget.class, () -> own).run(context -> {
            assertThat(context).getBean(NvmeTarget.class).isSameAs(own);
            assertThat(context.getBean(NvmeConnection.class)
                            .namespace(1)
                            .block(Duration.ofSeconds(30))
                            .size())
                    .isEqualTo(512);
        });
    }

    @Test
    void boundTarget() {
        BoundTarget own = NvmeTarget.memory("nqn.2026-01.io.nvmf:embedded", 512, 512)
                .bind()
                .block(Duration.ofSeconds(30));
        Contexts.embedded()
                .withBean("mine", BoundTarget.class, () -> own)
                .run(context -> assertThat(context).getBean(BoundTarget.class).isSameAs(own));
        own.close().block(Duration.ofSeconds(30));
    }

    @Test
    void healthContributor() {
        Object own = BootHealth.own();
        Contexts.lazyClient()
                .withBean("nvmfHealthContributor", Object.class, () -> own)
                .run(context ->
                        assertThat(context).getBean("nvmfHealthContributor").isSameAs(own));
    }

    @Test
    void anEmbeddedControllerIsNotWhereAClientGoesThatHasAnAddress() {
        Contexts.lazyClient()
                .withPropertyValues("nvmf.target.enabled=true")
                .run(context -> assertThat(
                                context.getBean(NvmeClient.class).uri().getHost())
                        .isEqualTo("192.0.2.1"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {

        @Bean
        @Order(2)
        NvmeClientCustomizer second() {
            return (client, name) -> client.queueSize(client.uri().toString().contains("io-queues=5") ? 32 : 16);
        }

        @Bean
        @Order(1)
        NvmeClientCustomizer first() {
            return (client, name) -> name.equals("default") ? client.ioQueues(5) : client;
        }
    }

    @Test
    void customizersChangeEachClientInTheirOrderAndAfterTheProperties() {
        Contexts.lazyClient()
                .withPropertyValues(
                        "nvmf.client.io-queues=3",
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.2/" + Contexts.NQN,
                        "nvmf.clients.archive.startup=lazy")
                .withUserConfiguration(Customizers.class)
                .run(context -> {
                    assertThat(context.getBean(NvmeBeans.CLIENT, NvmeClient.class)
                                    .uri()
                                    .toString())
                            .contains("io-queues=5", "queue-size=32");
                    assertThat(context.getBean("archiveNvmeClient", NvmeClient.class)
                                    .uri()
                                    .toString())
                            .contains("queue-size=16");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Service {

        @Bean
        String names(
                NvmeConnection usual,
                @Qualifier("archive") NvmeConnection archive,
                @Qualifier("archive") NvmeClient archiveClient,
                @Qualifier("scratch") NvmeConnection scratch) {
            assertThat(archive.client()).isSameAs(archiveClient);
            return usual.name() + ' ' + archive.name() + ' ' + scratch.name();
        }
    }

    @Test
    void namedConnectionsAreInjectedByTheirNames() {
        Contexts.lazyClient()
                .withPropertyValues(
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.2/" + Contexts.NQN,
                        "nvmf.clients.archive.startup=lazy",
                        "nvmf.clients.scratch.host=192.0.2.3",
                        "nvmf.clients.scratch.subsystem=" + Contexts.NQN,
                        "nvmf.clients.scratch.startup=lazy",
                        "nvmf.clients.off.enabled=false")
                .withUserConfiguration(Service.class)
                .run(context -> {
                    assertThat(context).getBean("names").isEqualTo("default archive scratch");
                    assertThat(context.getBean(NvmeConnections.class).all())
                            .containsOnlyKeys("default", "archive", "scratch");
                    assertThat(context)
                            .getBean("nvmfHealthContributor")
                            .satisfies(health -> assertThat(BootHealth.component(health, "scratch"))
                                    .isNotNull());
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class ArchiveClient {

        @Bean(defaultCandidate = false)
        NvmeClient archiveNvmeClient() {
            return OWN;
        }
    }

    @Test
    void aNamedClientOfTheApplicationStays() {
        Contexts.empty()
                .withPropertyValues(
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.2/" + Contexts.NQN,
                        "nvmf.clients.archive.startup=lazy")
                .withUserConfiguration(ArchiveClient.class)
                .run(context -> assertThat(context.getBean("archiveNvmeConnection", NvmeConnection.class)
                                .client())
                        .isSameAs(OWN));
    }

    @Test
    void detailsSayWhichConnectionTheyAreFor() {
        NvmeConnectionDetails archive = new NvmeConnectionDetails() {
            @Override
            public URI uri() {
                return URI.create("nvme+tcp://192.0.2.66/" + Contexts.NQN);
            }

            @Override
            public String connection() {
                return "archive";
            }
        };
        Contexts.lazyClient()
                .withPropertyValues("nvmf.clients.archive.startup=lazy")
                .withBean("details", NvmeConnectionDetails.class, () -> archive)
                .run(context -> {
                    assertThat(context.getBean("archiveNvmeClient", NvmeClient.class)
                                    .uri()
                                    .getHost())
                            .isEqualTo("192.0.2.66");
                    assertThat(context.getBean(NvmeBeans.CLIENT, NvmeClient.class)
                                    .uri()
                                    .getHost())
                            .isEqualTo("192.0.2.1");
                });
    }

    @AutoConfigureNvmeTarget(connection = "archive")
    static class ArchiveTarget {}

    @Test
    void anEmbeddedControllerForAnotherConnectionMakesNoDefaultOne() {
        Contexts.empty()
                .withPropertyValues("nvmf.clients.archive.io-queues=1")
                .withUserConfiguration(ArchiveTarget.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(NvmeConnections.class).all()).containsOnlyKeys("archive");
                });
    }

    @Test
    void anUnknownConnectionIsRefusedWithThoseThatAreKnown() {
        Contexts.lazyClient()
                .run(context -> assertThat(context.getBean(NvmeConnections.class))
                        .satisfies(connections -> assertThatIllegalArgumentException()
                                .isThrownBy(() -> connections.get("attic"))
                                .withMessage("there is no connection 'attic', but [default]")));
    }
}
