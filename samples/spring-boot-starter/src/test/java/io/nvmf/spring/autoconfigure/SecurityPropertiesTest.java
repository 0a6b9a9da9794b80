package io.nvmf.spring.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.recovery.ControllerState;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spring.StubConnection;
import io.nvmf.spring.connection.EagerStart;
import io.nvmf.spring.endpoint.NvmeEndpoint;
import io.nvmf.spring.endpoint.NvmeInfoContributor;
import io.nvmf.transport.UnsupportedTlsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

/** The profile of {@code nvmf.security.*}, and who has it. */
class SecurityPropertiesTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String TEXT = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:";
    private static final KeyRequest REQUEST =
            new KeyRequest(KeyUse.HOST_SECRET, "nqn.2026-01.com.example:host", Contexts.NQN);

    /** But {@code concatenation}, which goes with no key. */
    private static final String[] ALL = {
        "nvmf.security.host-secret=env:HOST_SECRET",
        "nvmf.security.controller-secret=directory:/keys",
        "nvmf.security.hashes=sha-512,sha-384",
        "nvmf.security.groups=ffdhe4096,null",
        "nvmf.security.tls-key=keystore:/keys/nvmf.p12#tls",
        "nvmf.security.key-store-password=file:/keys/password",
        "nvmf.security.label-form=libnvme-1.14"
    };

    @TempDir
    private Path directory;

    private static String text(KeyProvider provider) {
        return new String(provider.key(REQUEST).block(LIMIT));
    }

    @Test
    void withoutPropertiesThereIsNoProtection() {
        Contexts.lazyClient()
                .run(context -> assertThat(context).getBean(Security.class).hasToString("Security[]"));
    }

    @Test
    void everyPropertyIsInTheProfile() {
        Contexts.lazyClient().withPropertyValues(ALL).run(context -> {
            Security security = context.getBean(Security.class);
            assertThat(security.hostSecret().orElseThrow()).hasToString("env:HOST_SECRET");
            assertThat(security.controllerSecret().orElseThrow()).hasToString("directory:/keys");
            assertThat(security.algorithms().hashes()).containsExactly(DhChapHash.SHA_512, DhChapHash.SHA_384);
            assertThat(security.algorithms().groups()).containsExactly(DhGroup.FFDHE4096, DhGroup.NULL);
            assertThat(security.tls().orElseThrow()).hasToString("keystore:/keys/nvmf.p12#tls");
            assertThat(security.labelForm()).isEqualTo(HkdfLabelForm.LIBNVME_1_14);
            assertThat(security.isConcatenated()).isFalse();
        });
        Contexts.lazyClient()
                .withPropertyValues("nvmf.security.host-secret=env:HOST_SECRET", "nvmf.security.concatenation=true")
                .run(context -> assertThat(context.getBean(Security.class).isConcatenated())
                        .isTrue());
    }

    @Test
    void noPropertyIsLeftOutHere() {
        assertThat(Metadata.names().stream().filter(name -> name.startsWith("nvmf.security.")))
                .hasSize(ALL.length + 1)
                .allMatch(name -> name.endsWith(".concatenation")
                        || Arrays.stream(ALL).anyMatch(set -> set.startsWith(name + '=')));
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileIsReadWhenTheKeyIsNeeded() throws Exception {
        Path path = directory.resolve("host.secret");
        Contexts.lazyClient()
                .withPropertyValues("nvmf.security.host-secret=file:" + path)
                .run(context -> {
                    KeyProvider provider =
                            context.getBean(Security.class).hostSecret().orElseThrow();
                    Files.writeString(path, TEXT + '\n');
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
                    assertThat(text(provider)).isEqualTo(TEXT);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class Vault {

        @Bean
        KeyProvider vault() {
            return request -> Mono.just(request.use().name().toCharArray());
        }
    }

    @Test
    void aProviderOfTheApplicationIsTakenByItsName() {
        Contexts.lazyClient()
                .withUserConfiguration(Vault.class)
                .withPropertyValues("nvmf.security.host-secret=bean:vault")
                .run(context -> {
                    KeyProvider provider =
                            context.getBean(Security.class).hostSecret().orElseThrow();
                    assertThat(provider).isSameAs(context.getBean("vault"));
                    assertThat(text(provider)).isEqualTo("HOST_SECRET");
                });
        Contexts.lazyClient()
                .withUserConfiguration(Vault.class)
                .run(context -> assertThat(context)
                        .getBean(Security.class)
                        .as("no key is used that nobody has asked to be")
                        .hasToString("Security[]"));
    }

    @Test
    void aProfileOfTheApplicationComesBeforeTheProperties() {
        Security own = Security.none().hostSecret(request -> Mono.empty());
        Contexts.lazyClient()
                .withBean("mine", Security.class, () -> own)
                .withPropertyValues("nvmf.security.host-secret=nonsense")
                .run(context -> assertThat(context).getBean(Security.class).isSameAs(own));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nvmfClient", "archiveNvmeClient"})
    void everyClientHasIt(String client) {
        Contexts.lazyClient()
                .withPropertyValues(
                        "nvmf.security.host-secret=env:NO_SUCH_SECRET",
                        "nvmf.clients.archive.uri=nvme+tcp://192.0.2.2/" + Contexts.NQN,
                        "nvmf.clients.archive.startup=lazy")
                .run(context -> assertThat(context.getBean(client, NvmeClient.class))
                        .extracting("config.security")
                        .isSameAs(context.getBean(Security.class)));
    }

    @Test
    void theEmbeddedControllerHasIt() {
        Contexts.lazyClient()
                .withPropertyValues("nvmf.target.enabled=true", "nvmf.security.host-secret=env:NO_SUCH_SECRET")
                .run(context -> assertThat(context.getBean(NvmeTarget.class))
                        .extracting("config.security")
                        .isSameAs(context.getBean(Security.class)));
    }

    @Test
    void theEndpointsTellNothingOfIt() {
        Contexts.lazyClient()
                .withConfiguration(AutoConfigurations.of(
                        NvmeEndpointAutoConfiguration.class, NvmeInfoContributorAutoConfiguration.class))
                .withPropertyValues(
                        "management.endpoints.web.exposure.include=nvmf,info",
                        "nvmf.security.host-secret=env:HOST_SECRET",
                        "nvmf.security.tls-key=file:/keys/tls.key")
                .run(context -> {
                    Info.Builder info = new Info.Builder();
                    context.getBean(NvmeInfoContributor.class).contribute(info);
                    assertThat(context.getBean(NvmeEndpoint.class)
                                    .connections()
                                    .block(LIMIT)
                                    .toString())
                            .contains(Contexts.NQN)
                            .doesNotContain("HOST_SECRET", "/keys", "ecurity");
                    assertThat(info.build().toString())
                            .contains(Contexts.NQN)
                            .doesNotContain("HOST_SECRET", "/keys", "ecurity");
                });
    }

    /** What is said to do about a connection that is not there. */
    private static String action(Throwable reason) {
        StubConnection refused = new StubConnection(
                NvmeClient.create().remoteAddress("192.0.2.1", 4420).subsystem(Contexts.NQN),
                Mono.error(reason),
                new AtomicReference<>(new ControllerState.Connecting(1)));
        Throwable failure =
                catchThrowable(() -> EagerStart.await(refused, LIMIT).block(LIMIT));
        return new NvmeFailureAnalyzer().analyze(failure).getAction();
    }

    @Test
    void whoIsNotAdmittedIsToldWhereToLook() {
        assertThat(action(new NvmeAuthenticationException("wrong reply", CommandOutcome.NOT_SENT, null, true, null)))
                .contains("nvmf.security.*", "nvmf.client.host-nqn");
    }

    @Test
    void whoseTransportDoesNoTlsIsToldWhatToAdd() {
        assertThat(action(new UnsupportedTlsException(TransportType.RDMA)))
                .contains("bctls-jdk18on", "nvmf.security.tls-key");
    }
}
