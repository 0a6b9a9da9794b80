package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.recovery.Recovery;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.security.psk.InputPsk;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Status;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.testing.Covers;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.testing.ForwardingHostQueuePair;
import io.nvmf.testing.ScriptedAuthentication;
import io.nvmf.testing.SharedManualTimer;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Connections over TLS: with which keys, who wipes them, and that there is never one without. */
class SecureChannelTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "nqn.2014-08.org.example:host";
    private static final DhChapSecret SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final int PLAIN = ScriptedController.CONTROLLER_ID;
    private static final int ATR = new ConnectResponse(PLAIN, true, false).encode();
    private static final int ASCR = new ConnectResponse(PLAIN, false, true).encode();

    private final DefaultEventExecutor host = new DefaultEventExecutor();
    private final DefaultEventExecutor target = new DefaultEventExecutor((ThreadFactory) Thread::new);
    private final SharedManualTimer timer = new SharedManualTimer();
    private final ScriptedController controller =
            new ScriptedController(LoopTransportOptions.defaults().withExecutors(host, target));
    private final ScriptedAuthentication authentication =
            new ScriptedAuthentication(HOST, ScriptedController.NQN, SECRET);
    private final ConfiguredPsk psk = ConfiguredPsk.generate(PskHash.SHA_384);

    /** What was offered, and for which queue. */
    private record Offer(HostQueuePairParameters parameters, List<TlsPsk> keys, List<byte[]> bytes) {

        List<String> identities() {
            return keys.stream().map(TlsPsk::identity).toList();
        }
    }

    private final List<Offer> offers = new CopyOnWriteArrayList<>();

    /** Whether the latest connection is. */
    private volatile boolean secured;

    private volatile Function<List<TlsPsk>, @Nullable String> choice =
            keys -> keys.get(keys.size() - 1).identity();

    /** What the connection of an I/O queue waits for when it is about to be made. */
    private volatile Mono<Void> handshake = Mono.empty();

    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger mostHandshakes = new AtomicInteger();

    /** A connection that says it is secured; nothing is encrypted in one JVM. */
    private final class Secured implements DelegatingTransport {

        @Override
        public TransportProvider inner() {
            return controller.transport;
        }

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            return Mono.defer(() -> {
                secured = false;
                return inner().connect(parameters);
            });
        }

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters, List<TlsPsk> keys) {
            return Mono.defer(() -> {
                secured = true;
                offers.add(new Offer(
                        parameters, keys, keys.stream().map(TlsPsk::key).toList()));
                String identity = choice.apply(keys);
                mostHandshakes.accumulateAndGet(handshakes.incrementAndGet(), Math::max);
                return (parameters.queueId() == 0 ? Mono.<Void>empty() : handshake)
                        .doOnSuccess(done -> handshakes.decrementAndGet())
                        .then(inner().connect(parameters))
                        .map(pair -> new SecuredQueuePair(pair, identity));
            });
        }
    }

    private static final class SecuredQueuePair extends ForwardingHostQueuePair {

        private final @Nullable String identity;

        SecuredQueuePair(HostQueuePair inner, @Nullable String identity) {
            super(inner);
            this.identity = identity;
        }

        @Override
        public @Nullable String tlsIdentity() {
            return identity;
        }
    }

    @BeforeEach
    void takeAuthentication() {
        controller.authentication = exchange -> exchange.giveTo(authentication);
    }

    @AfterEach
    void stop() {
        controller.cut();
        host.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        target.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }

    private NvmeClient client(Security security) {
        return controller
                .client()
                .registry(TransportRegistry.empty().register(new Secured()))
                .timer(timer)
                .hostNqn(HOST)
                .ioQueues(2)
                .security(security);
    }

    private NvmeController connect(Security security) {
        return client(security).connect().block(PATIENCE);
    }

    private <E extends Throwable> E failure(Class<E> type, NvmeClient client) {
        Throwable failure = catchThrowable(() -> client.connect().block(PATIENCE));
        assertThat(failure).as("after %s", controller.log).isInstanceOf(type);
        nothingIsOpen();
        keysAreWiped();
        return type.cast(failure);
    }

    private void nothingIsOpen() {
        Awaitility.await().atMost(PATIENCE).untilAsserted(controller::assertNothingOpen);
    }

    private void keysAreWiped() {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(offers)
                        .allSatisfy(offer -> assertThat(offer.keys).isNotEmpty().allMatch(TlsPsk::isClosed)));
    }

    // ---- with configured keys

    private List<String> identities(HkdfLabelForm form, String subsystemNqn) {
        try (InputPsk input = InputPsk.retained(psk, HOST, form);
                TlsPsk newer = input.tlsPsk(InputPsk.VERSION_1, HOST, subsystemNqn);
                TlsPsk older = input.tlsPsk(InputPsk.VERSION_0, HOST, subsystemNqn)) {
            return List.of(newer.identity(), older.identity());
        }
    }

    @Test
    void everyQueueIsConnectedWithKeysOfBothVersions() {
        connect(Security.none().tls(psk));

        assertThat(offers)
                .hasSize(3)
                .allSatisfy(offer -> assertThat(offer.identities())
                        .isEqualTo(identities(HkdfLabelForm.RFC_8446, ScriptedController.NQN)));
        assertThat(offers).extracting(offer -> offer.parameters.queueId()).containsExactlyInAnyOrder(0, 1, 2);
        keysAreWiped();
    }

    @Test
    void noMoreThanTwoQueuesAreInTheirHandshakeAtOnce() {
        Sinks.Empty<Void> answer = Sinks.empty();
        handshake = answer.asMono();
        CompletableFuture<NvmeController> connected =
                client(Security.none().tls(psk)).ioQueues(8).connect().toFuture();
        Awaitility.await().atMost(PATIENCE).until(() -> handshakes.get() == 2);
        answer.tryEmitEmpty();

        assertThat(connected.orTimeout(30, TimeUnit.SECONDS).join().ioQueues()).hasSize(8);
        assertThat(mostHandshakes).hasValue(2);
    }

    @Test
    void theOlderFormOfLabelsMakesOtherKeys() {
        connect(Security.none().tls(psk).labelForm(HkdfLabelForm.LIBNVME_1_14));

        assertThat(offers.get(0).identities())
                .isEqualTo(identities(HkdfLabelForm.LIBNVME_1_14, ScriptedController.NQN))
                .isNotEqualTo(identities(HkdfLabelForm.RFC_8446, ScriptedController.NQN));
    }

    @Test
    void namesThatAreTooLongForTheOlderVersionGoWithTheNewerAlone() {
        String longName = "nqn.2014-08.org.example:" + "h".repeat(199);
        client(Security.none().tls(psk)).hostNqn(longName).connect().block(PATIENCE);

        assertThat(offers.get(0).identities()).hasSize(1).allMatch(identity -> identity.startsWith("NVMe1R02 "));
    }

    @Test
    void discoveryControllersGoByTheirWellKnownName() {
        controller.beDiscovery();
        client(Security.none().tls(psk)).discover().collectList().block(PATIENCE);

        assertThat(offers).hasSize(1);
        assertThat(offers.get(0).identities()).isEqualTo(identities(HkdfLabelForm.RFC_8446, Nqn.DISCOVERY));
        keysAreWiped();
    }

    @Test
    void theKeyIsReadAnewForEachQueueAndMayTakeItsTime() {
        List<KeyRequest> requests = new CopyOnWriteArrayList<>();
        connect(Security.none().tls(request -> {
            requests.add(request);
            try {
                new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return Mono.fromSupplier(psk::toInterchangeFormat);
        }));

        assertThat(requests).hasSize(3).containsOnly(new KeyRequest(KeyUse.TLS_PSK, HOST, ScriptedController.NQN));
    }

    @Test
    void aTransportWithoutTlsIsNotUsed() {
        NvmeClient plain = client(Security.none().tls(psk)).registry(controller.registry);

        assertThat(failure(NvmeConnectionException.class, plain)).hasMessageContaining("does no TLS");
        assertThat(controller.log).isEmpty();
    }

    @Test
    void aKeyThatIsNotThereIsNamed() {
        KeyProvider empty = new KeyProvider() {
            @Override
            public Mono<char[]> key(KeyRequest request) {
                return Mono.empty();
            }

            @Override
            public String toString() {
                return "the empty safe";
            }
        };

        NvmeAuthenticationException failure = failure(
                NvmeAuthenticationException.class, client(Security.none().tls(empty)));

        assertThat(failure).hasMessageContaining("pre-shared key").hasMessageContaining("the empty safe");
        assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
        assertThat(controller.log).isEmpty();
    }

    @Test
    void aKeyThatDoesNotComeInTimeIsNotToldOfByTheTimer() {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Set<Thread> ofTimer = ConcurrentHashMap.newKeySet();
        AtomicReference<Thread> told = new AtomicReference<>();
        client(Security.none().tls(request -> Mono.<char[]>never().doOnSubscribe(s -> asked.countDown())))
                .connect()
                .doOnError(late -> told.set(Thread.currentThread()))
                .subscribe(connected -> {}, failure::set);
        await(asked);

        Awaitility.await().atMost(PATIENCE).until(() -> {
            ofTimer.add(Thread.currentThread());
            timer.advance(NvmeClient.DEFAULT_CONNECT_TIMEOUT);
            return failure.get() != null;
        });
        assertThat(failure.get()).isInstanceOf(NvmeTimeoutException.class).hasMessageContaining("pre-shared key");
        assertThat(ofTimer).doesNotContain(told.get());
    }

    @Test
    void aConnectionThatIsNotSecuredIsClosed() {
        choice = keys -> null;
        assertThat(failure(
                        NvmeAuthenticationException.class,
                        client(Security.none().tls(psk))))
                .hasMessageContaining("without a key that was offered");

        choice = keys -> keys.get(0).identity() + "x";
        failure(NvmeAuthenticationException.class, client(Security.none().tls(psk)));
        assertThat(controller.log).noneMatch(line -> line.contains("Connect"));
    }

    @Test
    void keysAreWipedWhenConnectingFailsOrIsGivenUp() {
        IllegalStateException broken = new IllegalStateException("the handshake has failed");
        choice = keys -> {
            throw broken;
        };
        failure(NvmeConnectionException.class, client(Security.none().tls(psk)));

        CountDownLatch connecting = new CountDownLatch(1);
        TransportRegistry never = TransportRegistry.empty().register(new DelegatingTransport() {
            @Override
            public TransportProvider inner() {
                return controller.transport;
            }

            @Override
            public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
                return Mono.error(new AssertionError("without TLS"));
            }

            @Override
            public Mono<HostQueuePair> connect(HostQueuePairParameters parameters, List<TlsPsk> keys) {
                offers.add(new Offer(parameters, keys, List.of()));
                return Mono.<HostQueuePair>never().doOnSubscribe(s -> connecting.countDown());
            }
        });
        Disposable given =
                client(Security.none().tls(psk)).registry(never).connect().subscribe();
        await(connecting);
        given.dispose();
        keysAreWiped();
    }

    private static void await(CountDownLatch latch) {
        Awaitility.await().atMost(PATIENCE).until(() -> latch.getCount() == 0);
    }

    @Test
    void aHostWithBothAuthenticatesOverTls() {
        connect(Security.none().tls(psk).hostSecret(SECRET));

        assertThat(offers).hasSize(3);
        assertThat(authentication.authenticated()).isEqualTo(3);
        assertThat(((AuthNegotiate) authentication.received.get(0)).secureChannel())
                .isZero();
    }

    // ---- with keys that an authentication makes

    private static Security concatenated() {
        return Security.none().hostSecret(SECRET).concatenation();
    }

    /** A controller that asks for a secure channel on connections without one. */
    private void concatenate(int afterwards) {
        controller.on("q0 Connect", exchange -> {
            authentication.channel = secured ? SecureChannel.NONE : SecureChannel.NEW_TLS_PSK;
            exchange.answer(Status.SUCCESS, secured ? afterwards : ASCR, 0);
        });
        controller.connectDw0 = afterwards;
    }

    private List<String> generatedIdentities() {
        PskHash hash = PskHash.ofLength(authentication.generatedPsk.length);
        try (InputPsk input = InputPsk.generated(hash, authentication.generatedPsk);
                TlsPsk key = input.tlsPsk(InputPsk.VERSION_1, HOST, ScriptedController.NQN)) {
            return List.of(key.identity());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA_256", "SHA_384"})
    @Covers("A connection without TLS is for the key only; all queues that follow are over TLS with it")
    void theKeyOfTheAuthenticationSecuresAllQueues(DhChapHash hash) {
        concatenate(PLAIN);
        connect(concatenated().algorithms(DhChapAlgorithms.defaults().withHashes(hash)));

        assertThat(controller.log).contains("q0 closed");
        assertThat(controller.log.stream().filter(line -> !line.endsWith("closed")))
                .startsWith(
                        "open",
                        "q0 Connect 32 entries, KATO 10000",
                        "q0 Authentication Send",
                        "q0 Authentication Receive",
                        "q0 Authentication Send",
                        "q0 Authentication Receive",
                        "open",
                        "q0 Connect 32 entries, KATO 10000",
                        "Get CAP");
        assertThat(offers).hasSize(3).allSatisfy(offer -> {
            assertThat(offer.identities()).isEqualTo(generatedIdentities());
            try (InputPsk input = InputPsk.generated(PskHash.ofLength(hash.length()), authentication.generatedPsk);
                    TlsPsk key = input.tlsPsk(InputPsk.VERSION_1, HOST, ScriptedController.NQN)) {
                assertThat(offer.bytes).containsExactly(key.key());
            }
        });
        assertThat(offers.get(0).identities().get(0)).startsWith("NVMe1G0" + hash.value() + " ");
        assertThat(authentication.authenticated()).isEqualTo(1);
        keysAreWiped();
    }

    @Test
    void onlyWhatTlsCanUseIsOffered() {
        concatenate(PLAIN);
        connect(concatenated());

        assertThat(authentication.received.get(0)).isInstanceOfSatisfying(AuthNegotiate.class, negotiate -> {
            assertThat(negotiate.secureChannel()).isEqualTo(SecureChannel.NEW_TLS_PSK.value());
            assertThat(negotiate.protocols().get(0).hashes()).doesNotContain(DhChapHash.SHA_512.value());
            assertThat(negotiate.protocols().get(0).groups()).doesNotContain(DhGroup.NULL.value());
        });
    }

    @Test
    void overTlsQueuesAreAuthenticatedWhereTheControllerAsks() {
        concatenate(ATR);
        connect(concatenated());

        assertThat(authentication.authenticated()).isEqualTo(4);
        assertThat(authentication.received.stream()
                        .filter(AuthNegotiate.class::isInstance)
                        .map(message -> ((AuthNegotiate) message).secureChannel()))
                .containsExactly(SecureChannel.NEW_TLS_PSK.value(), 0, 0, 0);
    }

    @Test
    void aControllerThatMakesNoSecureChannelIsRefused() {
        NvmeAuthenticationException failure = failure(NvmeAuthenticationException.class, client(concatenated()));

        assertThat(failure.failure()).contains(AuthenticationFailure.SECURE_CHANNEL_MISMATCH);
        assertThat(offers).isEmpty();
    }

    @Test
    void anotherSecretMakesNoSecureChannel() {
        concatenate(PLAIN);
        authentication.hostSecret = DhChapSecret.random(DhChapHash.SHA_256);

        NvmeAuthenticationException failure = failure(NvmeAuthenticationException.class, client(concatenated()));

        assertThat(failure.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
        assertThat(offers).isEmpty();
    }

    @Test
    void aTransportWithoutTlsIsNotUsedAfterTheAuthenticationEither() {
        concatenate(PLAIN);

        assertThat(failure(NvmeConnectionException.class, client(concatenated()).registry(controller.registry)))
                .hasMessageContaining("does no TLS");
        assertThat(controller.log).doesNotContain("Get CAP");
    }

    @Test
    void aConnectionAfterTheAuthenticationThatIsNotSecuredIsClosed() {
        concatenate(PLAIN);
        choice = keys -> null;

        failure(NvmeAuthenticationException.class, client(concatenated()));

        assertThat(controller.log).doesNotContain("Get CAP");
    }

    @Test
    void theKeyIsWipedWhenAQueueFails() {
        concatenate(PLAIN);
        controller.on("q1 Connect", ScriptedController.Exchange::close);

        failure(NvmeConnectionException.class, client(concatenated()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aLossInAnyStepBeforeTheSecureChannelIsAFailureToConnect(int step) {
        concatenate(PLAIN);
        authentication.instead.put(step, ScriptedAuthentication.Step::close);

        failure(NvmeConnectionException.class, client(concatenated()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void cancellingInAnyStepBeforeTheSecureChannelClosesEverything(int step) {
        concatenate(PLAIN);
        CountDownLatch reached = new CountDownLatch(1);
        authentication.instead.put(step, taken -> {
            taken.forget();
            reached.countDown();
        });
        Disposable connecting = client(concatenated()).connect().subscribe();
        await(reached);

        connecting.dispose();

        nothingIsOpen();
    }

    @Test
    void afterALossThereIsAnotherKey() {
        concatenate(PLAIN);
        NvmeController connected =
                client(concatenated()).recovery(Recovery.defaults()).connect().block(PATIENCE);
        byte[] first = authentication.generatedPsk;

        controller.cut();

        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(Duration.ofMillis(10));
            return offers.size() == 6 && connected.isConnected();
        });
        assertThat(authentication.generatedPsk).isNotEqualTo(first);
        assertThat(offers.get(5).identities()).isEqualTo(generatedIdentities());
        keysAreWiped();
    }
}
