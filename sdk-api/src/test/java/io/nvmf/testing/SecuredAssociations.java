package io.nvmf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Clients and targets that insist on authentication, over a transport that the subclass has. */
public abstract class SecuredAssociations {

    protected static final String NQN = "nqn.2024-01.io.nvmf:secured";
    protected static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 4096;
    private static final int IO_QUEUES = 2;

    protected final DhChapSecret hostSecret = DhChapSecret.random(DhChapHash.SHA_256);
    protected final DhChapSecret controllerSecret = DhChapSecret.random(DhChapHash.SHA_384);
    protected final DhChapSecret otherSecret = DhChapSecret.random(DhChapHash.SHA_256);
    protected final DhChapAlgorithms quick = DhChapAlgorithms.defaults().withGroups(DhGroup.FFDHE2048);
    protected final Security oneWay = Security.none().hostSecret(hostSecret).algorithms(quick);
    protected final Security bothWays = oneWay.controllerSecret(controllerSecret);

    private BoundTarget target;
    private NvmeController controller;

    /** The transport. */
    protected abstract TransportType transport();

    @AfterEach
    protected final void stop() {
        if (controller != null) {
            controller.close().block(PATIENCE);
            controller = null;
        }
        if (target != null) {
            target.close().block(PATIENCE);
            target = null;
        }
    }

    protected final BoundTarget serve(Security security) {
        target = NvmeTarget.memory(NQN, 64L << 20, BLOCK)
                .transport(transport())
                .security(security)
                .bind()
                .block(PATIENCE);
        return target;
    }

    protected final NvmeClient client(Security security) {
        return NvmeClient.from(target.uri(NQN))
                .ioQueues(IO_QUEUES)
                .security(security)
                .recovery(
                        Recovery.defaults().quiesceTime(Duration.ofMillis(50)).maxDelay(Recovery.DEFAULT_FIRST_DELAY));
    }

    protected final NvmeNamespace connect(Security security) {
        controller = client(security).connect().block(PATIENCE);
        return controller.namespace(1).block(PATIENCE);
    }

    protected final Throwable refused(Security security) {
        Throwable failure = catchThrowable(() -> client(security).connect().block(PATIENCE));
        assertThat(failure).isNotNull();
        Awaitility.await().untilAsserted(() -> assertThat(target.controllers()).isZero());
        return failure;
    }

    protected final void assertDataGoesBothWays(NvmeNamespace namespace) {
        for (int block = 0; block < 2 * IO_QUEUES; block++) {
            byte[] data = new byte[BLOCK];
            Arrays.fill(data, (byte) (block + 1));
            namespace.write(block, Unpooled.wrappedBuffer(data)).block(PATIENCE);
            ByteBuf read = namespace.read(block, 1).block(PATIENCE);
            assertThat(read.getByte(BLOCK - 1)).isEqualTo((byte) (block + 1));
            read.release();
        }
    }

    protected final NvmeController controller() {
        return controller;
    }

    /** What a loss brings about, and not the state before it. */
    protected final void lose(NvmeNamespace namespace) {
        target.disconnectAll().block(PATIENCE);
        assertDataGoesBothWays(namespace);
    }

    @ParameterizedTest
    @CsvSource({
        "SHA_256, NULL, false",
        "SHA_384, FFDHE2048, true",
        "SHA_512, FFDHE3072, true",
        "SHA_256, FFDHE4096, false",
        "SHA_384, FFDHE6144, true",
        "SHA_512, FFDHE8192, true"
    })
    void hostAndControllerProveThemselves(DhChapHash hash, DhGroup group, boolean both) {
        DhChapAlgorithms one = DhChapAlgorithms.defaults().withHashes(hash).withGroups(group);
        serve(bothWays.algorithms(DhChapAlgorithms.defaults()));
        assertDataGoesBothWays(connect((both ? bothWays : oneWay).algorithms(one)));
    }

    @Test
    void aHostWithAnotherSecretIsRefused() {
        serve(bothWays);
        Throwable failure = refused(Security.none().hostSecret(otherSecret).algorithms(quick));
        assertThat(failure).isInstanceOfSatisfying(NvmeAuthenticationException.class, proof -> {
            assertThat(proof.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
            assertThat(proof.isFromController()).isTrue();
        });
    }

    @Test
    void aControllerWithAnotherSecretIsNotTalkedTo() {
        serve(bothWays);
        Throwable failure = refused(oneWay.controllerSecret(otherSecret));
        assertThat(failure).isInstanceOfSatisfying(NvmeAuthenticationException.class, proof -> {
            assertThat(proof.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
            assertThat(proof.isFromController()).isFalse();
        });
    }

    @Test
    void aControllerWithoutSecretIsNotTalkedToByAHostThatAsksForProof() {
        serve(oneWay);
        assertThat(refused(bothWays)).isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void aHostWithoutSecretIsRefusedAndToldWhatIsMissing() {
        serve(oneWay);
        assertThat(refused(Security.none()))
                .isInstanceOf(NvmeAuthenticationException.class)
                .hasMessageContaining("hostSecret");
    }

    @Test
    void aHostWithASecretDoesNotTalkToATargetThatCannotCheckIt() {
        serve(Security.none());
        assertThat(refused(oneWay)).isInstanceOf(NvmeAuthenticationException.class);
    }

    @Test
    void algorithmsThatTheTwoDoNotShareAreAReason() {
        serve(oneWay.algorithms(quick.withHashes(DhChapHash.SHA_512)));
        assertThat(refused(oneWay.algorithms(quick.withHashes(DhChapHash.SHA_256))))
                .isInstanceOfSatisfying(
                        NvmeAuthenticationException.class,
                        proof -> assertThat(proof.failure()).contains(AuthenticationFailure.HASH_NOT_USABLE));
        target.close().block(PATIENCE);
        serve(oneWay.algorithms(quick.withGroups(DhGroup.FFDHE3072)));
        assertThat(refused(oneWay))
                .isInstanceOfSatisfying(
                        NvmeAuthenticationException.class,
                        proof -> assertThat(proof.failure()).contains(AuthenticationFailure.GROUP_NOT_USABLE));
    }

    @Test
    void everyQueueAuthenticatesAndAgainAfterALoss() {
        AtomicInteger asked = new AtomicInteger();
        KeyProvider counting = request -> Mono.fromSupplier(() -> {
            asked.incrementAndGet();
            return hostSecret.format();
        });
        serve(oneWay);
        NvmeNamespace namespace = connect(Security.none().hostSecret(counting).algorithms(quick));
        assertThat(asked.get()).isBetween(1, 1 + IO_QUEUES);
        int before = asked.get();
        lose(namespace);
        assertThat(asked.get()).isBetween(2 * before, 3 * before);
    }

    @Test
    void aSecretThatWasReplacedIsUsedFromTheNextAuthenticationOn() {
        AtomicReference<DhChapSecret> current = new AtomicReference<>(hostSecret);
        KeyProvider rotating = request -> Mono.fromSupplier(() -> current.get().format());
        Security security = Security.none().hostSecret(rotating).algorithms(quick);
        serve(security);
        NvmeNamespace namespace = connect(security);
        current.set(otherSecret);
        assertDataGoesBothWays(namespace);
        controller.reauthenticate().block(PATIENCE);
        assertDataGoesBothWays(namespace);
        current.set(hostSecret);
        lose(namespace);
    }

    @Test
    void aLiveAssociationAuthenticatesAgainWhileCommandsGoOn() {
        serve(bothWays);
        NvmeNamespace namespace = connect(bothWays);
        Mono<Long> reads = Flux.range(0, 2000)
                .flatMap(i -> namespace.read(i % 64, 1).doOnNext(ByteBuf::release), 16)
                .count();
        Mono<Void> again =
                Flux.range(0, 3).concatMap(i -> controller.reauthenticate()).then();
        assertThat(Mono.zip(reads, again.thenReturn(true)).block(PATIENCE).getT1())
                .isEqualTo(2000);
        assertThat(target.controllers()).isOne();
    }

    @Test
    void anAssociationThatFailsToAuthenticateAgainIsLost() {
        AtomicReference<DhChapSecret> current = new AtomicReference<>(hostSecret);
        KeyProvider rotating = request -> Mono.fromSupplier(() -> current.get().format());
        serve(oneWay);
        NvmeNamespace namespace = connect(Security.none().hostSecret(rotating).algorithms(quick));
        current.set(otherSecret);
        assertThat(catchThrowable(() -> controller.reauthenticate().block(PATIENCE)))
                .isInstanceOf(NvmeAuthenticationException.class);
        Awaitility.await().until(() -> !controller.isConnected());
        current.set(hostSecret);
        assertDataGoesBothWays(namespace);
    }

    @Test
    void discoveryTakesAProofToo() {
        serve(oneWay);
        assertThat(client(oneWay).discover().collectList().block(PATIENCE))
                .extracting(DiscoveryLogEntry::subsystemNqn)
                .containsExactly(NQN);
        assertThat(catchThrowable(
                        () -> client(Security.none()).discover().collectList().block(PATIENCE)))
                .isInstanceOf(NvmeAuthenticationException.class);
    }
}
