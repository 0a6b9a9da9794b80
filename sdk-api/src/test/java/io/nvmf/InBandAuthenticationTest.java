package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.ScriptedController.Exchange;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.DhChapChallenge;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhChapReply;
import io.nvmf.spec.auth.DhChapSuccess1;
import io.nvmf.spec.auth.DhChapSuccess2;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import io.nvmf.testing.Covers;
import io.nvmf.testing.ScriptedAuthentication;
import io.nvmf.testing.SharedManualTimer;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Authentication right after Connect, on every queue, against a controller that keeps or breaks the rules. */
class InBandAuthenticationTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "nqn.2014-08.org.example:host";
    private static final DhChapSecret HOST_SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final DhChapSecret CONTROLLER_SECRET = DhChapSecret.random(DhChapHash.SHA_384);
    private static final int ATR = new ConnectResponse(ScriptedController.CONTROLLER_ID, true, false).encode();
    private static final int ASCR = new ConnectResponse(ScriptedController.CONTROLLER_ID, false, true).encode();
    private static final int NEGOTIATE = 1;
    private static final int CHALLENGE = 2;
    private static final int REPLY = 3;
    private static final int SUCCESS1 = 4;
    private static final int SUCCESS2 = 5;
    private static final DhChapAlgorithms PLAIN =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.NULL));

    /** Watched by BlockHound. */
    private final DefaultEventExecutor host = new DefaultEventExecutor();

    private final DefaultEventExecutor target = new DefaultEventExecutor((ThreadFactory) Thread::new);
    private final SharedManualTimer timer = new SharedManualTimer();
    private final ScriptedController controller =
            new ScriptedController(LoopTransportOptions.defaults().withExecutors(host, target));
    private final ScriptedAuthentication authentication =
            new ScriptedAuthentication(HOST, ScriptedController.NQN, HOST_SECRET);

    @BeforeEach
    void askForAuthentication() {
        controller.connectDw0 = ATR;
        controller.authentication = exchange -> exchange.giveTo(authentication);
    }

    @AfterEach
    void stop() {
        controller.cut();
        host.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        target.shutdownGracefully(0, 5, TimeUnit.SECONDS);
    }

    /** The secrets by use; what is not there is not configured. */
    private static KeyProvider keys(Map<KeyUse, DhChapSecret> secrets) {
        return request -> Mono.fromSupplier(() -> secrets.get(request.use()).format());
    }

    private static Security oneWay() {
        return Security.none().hostSecret(HOST_SECRET);
    }

    private static Security bothWays() {
        return oneWay().controllerSecret(CONTROLLER_SECRET);
    }

    private void proveController() {
        authentication.controllerSecret = Optional.of(CONTROLLER_SECRET);
    }

    private NvmeClient client(Security security) {
        return controller.client().timer(timer).hostNqn(HOST).ioQueues(2).security(security);
    }

    private NvmeController connect(Security security) {
        return client(security).connect().block(PATIENCE);
    }

    private <E extends Throwable> E failure(Class<E> type, Security security) {
        return failure(type, client(security));
    }

    private <E extends Throwable> E failure(Class<E> type, NvmeClient client) {
        Throwable failure = catchThrowable(() -> client.connect().block(PATIENCE));
        assertThat(failure).as("after %s", controller.log).isInstanceOf(type);
        nothingIsOpen();
        return type.cast(failure);
    }

    private void nothingIsOpen() {
        Awaitility.await().atMost(PATIENCE).untilAsserted(controller::assertNothingOpen);
    }

    private NvmeAuthenticationException refused(Security security, AuthenticationFailure expected) {
        NvmeAuthenticationException failure = failure(NvmeAuthenticationException.class, security);
        assertThat(failure.failure()).as(failure.getMessage()).contains(expected);
        assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
        assertThat(failure).hasMessageContaining("queue 0").hasMessageContaining(ScriptedController.NQN);
        return failure;
    }

    /** The host finds something wrong, and says so to the controller. */
    private NvmeAuthenticationException hostRefuses(Security security, AuthenticationFailure expected) {
        NvmeAuthenticationException failure = refused(security, expected);
        assertThat(failure.isFromController()).isFalse();
        assertThat(authentication.received).last().isInstanceOfSatisfying(AuthFailure.class, message -> {
            assertThat(message.fromHost()).isTrue();
            assertThat(message.failure()).contains(expected);
        });
        return failure;
    }

    static Stream<Arguments> choices() {
        return Stream.of(DhChapHash.values())
                .flatMap(hash -> Stream.of(DhGroup.NULL, DhGroup.FFDHE2048, DhGroup.FFDHE3072)
                        .flatMap(group -> Stream.of(false, true).map(both -> Arguments.of(hash, group, both))));
    }

    @ParameterizedTest
    @MethodSource("choices")
    void queuesAreAuthenticated(DhChapHash hash, DhGroup group, boolean both) {
        proveController();

        NvmeController connected =
                connect((both ? bothWays() : oneWay()).algorithms(new DhChapAlgorithms(List.of(hash), List.of(group))));

        assertThat(connected.isConnected()).isTrue();
        Awaitility.await().atMost(PATIENCE).until(() -> authentication.authenticated() == 3);
    }

    @Test
    @Covers("Nothing comes between Connect and the end of the authentication, on any queue")
    void nothingComesBetweenConnectAndAuthentication() {
        proveController();
        connect(bothWays().algorithms(PLAIN));

        assertThat(controller.log)
                .startsWith(
                        "open",
                        "q0 Connect 32 entries, KATO 10000",
                        "q0 Authentication Send",
                        "q0 Authentication Receive",
                        "q0 Authentication Send",
                        "q0 Authentication Receive",
                        "q0 Authentication Send",
                        "Get CAP");
        assertThat(controller.count("q1 Authentication Send")).isEqualTo(3);
        assertThat(controller.count("q2 Authentication Send")).isEqualTo(3);
        assertThat(authentication.received)
                .hasSize(9)
                .startsWith(authentication.received.get(0))
                .satisfies(messages -> {
                    assertThat(messages.get(0)).isInstanceOf(AuthNegotiate.class);
                    assertThat(messages.get(1)).isInstanceOf(DhChapReply.class);
                    assertThat(messages.get(2)).isInstanceOf(DhChapSuccess2.class);
                });
    }

    @Test
    void aHostWithASecretInsistsOnAuthentication() {
        controller.connectDw0 = ScriptedController.CONTROLLER_ID;
        connect(oneWay().algorithms(PLAIN));
        assertThat(authentication.authenticated()).isEqualTo(3);
    }

    @Test
    void aControllerThatKnowsNoAuthenticationIsRefused() {
        controller.connectDw0 = ScriptedController.CONTROLLER_ID;
        controller.authentication = exchange -> exchange.fail(StatusCode.INVALID_COMMAND_OPCODE);
        NvmeAuthenticationException failure = failure(NvmeAuthenticationException.class, oneWay());
        assertThat(failure)
                .hasMessageContaining("Authentication Send of AUTH_Negotiate")
                .hasMessageContaining("0/01h")
                .hasCauseInstanceOf(NvmeStatusException.class);
        assertThat(failure.isFromController()).isTrue();
    }

    @Test
    @Covers("A controller that asks for an authentication or a secure channel that is not configured is not used")
    void aHostWithoutASecretSaysWhatIsMissing() {
        assertThat(failure(NvmeAuthenticationException.class, Security.none()))
                .hasMessageContaining("AUTHREQ")
                .hasMessageContaining("Security.hostSecret")
                .hasMessageContaining(HOST);
    }

    @Test
    @Covers("A controller that asks for an authentication or a secure channel that is not configured is not used")
    void aSecureChannelThatIsNotConfiguredIsRefused() {
        controller.connectDw0 = ASCR;
        for (Security security : List.of(Security.none(), oneWay())) {
            assertThat(failure(NvmeAuthenticationException.class, security))
                    .hasMessageContaining("ASCR")
                    .hasMessageContaining("Security.concatenation");
        }
        assertThat(authentication.received).isEmpty();
    }

    @Test
    @Covers("Nothing comes between Connect and the end of the authentication, on any queue")
    void anIoQueueThatAsksIsAuthenticatedOrRefused() {
        controller.connectDw0 = ScriptedController.CONTROLLER_ID;
        controller.on("q1 Connect", exchange -> exchange.answer(Status.SUCCESS, ATR, 0));

        assertThat(failure(NvmeAuthenticationException.class, Security.none())).hasMessageContaining("queue 1");
    }

    @Test
    void aSecretThatTheProviderDoesNotHaveIsNamed() {
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
        assertThat(failure(NvmeAuthenticationException.class, Security.none().hostSecret(empty)))
                .hasMessageContaining("secret of the host")
                .hasMessageContaining("the empty safe");
        assertThat(failure(NvmeAuthenticationException.class, oneWay().controllerSecret(empty)))
                .hasMessageContaining("secret of the controller")
                .hasMessageContaining("the empty safe");
        assertThat(authentication.received).isEmpty();
    }

    @Test
    void aProviderThatFailsIsTheCause() {
        IllegalStateException sealed = new IllegalStateException("the vault is sealed");
        assertThat(failure(
                        NvmeAuthenticationException.class, Security.none().hostSecret(request -> Mono.error(sealed))))
                .hasMessageContaining("the vault is sealed")
                .hasCause(sealed);
        assertThat(failure(NvmeAuthenticationException.class, Security.none().hostSecret(request -> {
                    throw sealed;
                })))
                .hasCause(sealed);
    }

    @Test
    void textThatIsNoSecretIsNotShown() {
        assertThat(failure(
                        NvmeAuthenticationException.class,
                        Security.none().hostSecret(request -> Mono.just("hunter2".toCharArray()))))
                .hasMessageContaining("DHHC-1")
                .hasStackTraceContaining("DHHC-1")
                .satisfies(thrown -> assertThat(thrown.toString()).doesNotContain("hunter2"));
    }

    @Test
    void providersMayBlockAndSeeWhoAsks() {
        proveController();
        List<KeyRequest> requests = new CopyOnWriteArrayList<>();
        Map<KeyUse, DhChapSecret> secrets =
                new EnumMap<>(Map.of(KeyUse.HOST_SECRET, HOST_SECRET, KeyUse.CONTROLLER_SECRET, CONTROLLER_SECRET));
        KeyProvider blocking = request -> {
            requests.add(request);
            try {
                new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return keys(secrets).key(request);
        };
        connect(Security.none().hostSecret(blocking).controllerSecret(blocking));

        assertThat(requests)
                .hasSize(6)
                .containsOnly(
                        new KeyRequest(KeyUse.HOST_SECRET, HOST, ScriptedController.NQN),
                        new KeyRequest(KeyUse.CONTROLLER_SECRET, HOST, ScriptedController.NQN));
    }

    @Test
    void theTextOfASecretIsWiped() {
        List<char[]> given = new CopyOnWriteArrayList<>();
        connect(Security.none()
                .hostSecret(request -> Mono.fromSupplier(() -> {
                    char[] text = HOST_SECRET.format();
                    given.add(text);
                    return text;
                }))
                .algorithms(PLAIN));

        assertThat(given).hasSize(3).allSatisfy(text -> assertThat(text).containsOnly('\0'));
    }

    @Test
    void discoveryControllersAreAuthenticatedUnderTheirWellKnownName() {
        controller.beDiscovery();
        List<KeyRequest> requests = new CopyOnWriteArrayList<>();
        ScriptedAuthentication discovery = new ScriptedAuthentication(HOST, Nqn.DISCOVERY, HOST_SECRET);
        controller.authentication = exchange -> {
            exchange.kept = true;
            discovery.take(exchange.queue.pair, exchange.command);
        };

        client(Security.none().hostSecret(request -> {
                    requests.add(request);
                    return Mono.fromSupplier(HOST_SECRET::format);
                }))
                .discover()
                .collectList()
                .block(PATIENCE);

        assertThat(requests).extracting(KeyRequest::subsystemNqn).containsOnly(Nqn.DISCOVERY);
        assertThat(discovery.authenticated()).isEqualTo(1);
    }

    @Test
    void aHostWithAnotherSecretIsToldThatItFailed() {
        authentication.hostSecret = DhChapSecret.random(DhChapHash.SHA_256);

        NvmeAuthenticationException failure = refused(oneWay(), AuthenticationFailure.AUTHENTICATION_FAILED);

        assertThat(failure.isFromController()).isTrue();
        assertThat(failure).hasMessageContaining("RC 1, RCE 1: authentication failed");
    }

    @Test
    void aControllerWithAnotherSecretIsRefused() {
        authentication.controllerSecret = Optional.of(DhChapSecret.random(DhChapHash.SHA_384));

        hostRefuses(bothWays(), AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    void aControllerThatDoesNotAnswerTheChallengeIsRefused() {
        proveController();
        authentication.altered.put(
                SUCCESS1,
                bytes -> ScriptedAuthentication.bytes(new DhChapSuccess1(tid(bytes), false, Octets.zeroes(32))));

        hostRefuses(bothWays().algorithms(PLAIN), AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    private static int tid(byte[] message) {
        return message[4] & 0xFF | (message[5] & 0xFF) << 8;
    }

    private static UnaryOperator<byte[]> with(int index, int value) {
        return bytes -> {
            bytes[index] = (byte) value;
            return bytes;
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {CHALLENGE, SUCCESS1})
    void anotherTransactionIdentifierIsRefused(int step) {
        proveController();
        authentication.altered.put(step, bytes -> with(4, bytes[4] ^ 1).apply(bytes));

        hostRefuses(bothWays(), AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    void messagesOutOfTurnAreRefused() {
        proveController();
        authentication.altered.put(
                CHALLENGE,
                bytes -> ScriptedAuthentication.bytes(new DhChapSuccess1(tid(bytes), false, Octets.zeroes(32))));
        hostRefuses(bothWays(), AuthenticationFailure.INCORRECT_MESSAGE);

        authentication.altered.clear();
        authentication.altered.put(
                SUCCESS1,
                bytes -> ScriptedAuthentication.bytes(new DhChapChallenge(
                        tid(bytes),
                        DhChapHash.SHA_256.value(),
                        DhGroup.NULL.value(),
                        7,
                        Octets.zeroes(32),
                        Octets.empty())));
        hostRefuses(bothWays(), AuthenticationFailure.INCORRECT_MESSAGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 6, 15, 20, 47})
    void messagesThatAreTooShortAreRefused(int length) {
        authentication.altered.put(CHALLENGE, bytes -> Arrays.copyOf(bytes, length));
        authentication.sent = length;

        hostRefuses(oneWay().algorithms(PLAIN), AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    void aMessageWithoutPaddingIsTaken() {
        authentication.sent = 48;

        connect(oneWay().algorithms(PLAIN));

        assertThat(authentication.authenticated()).isEqualTo(3);
    }

    @Test
    void garbageIsRefused() {
        authentication.altered.put(CHALLENGE, bytes -> {
            Arrays.fill(bytes, (byte) 0xA5);
            return bytes;
        });

        NvmeAuthenticationException failure = failure(NvmeAuthenticationException.class, oneWay());
        assertThat(failure.failure()).isPresent();
        assertThat(authentication.received).last().isInstanceOf(AuthFailure.class);
    }

    @Test
    void aPublicValueThatDoesNotFitIsRefused() {
        authentication.altered.put(CHALLENGE, bytes -> with(11, 0xFF).apply(bytes));

        hostRefuses(oneWay(), AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    void aChallengeThatIsSentBackIsRefused() {
        proveController();
        connect(bothWays().algorithms(PLAIN));
        byte[] ours = authentication.received.stream()
                .filter(DhChapReply.class::isInstance)
                .map(reply -> ((DhChapReply) reply).challenge().toByteArray())
                .findFirst()
                .orElseThrow();
        authentication.altered.put(CHALLENGE, bytes -> {
            System.arraycopy(ours, 0, bytes, 16, ours.length);
            return bytes;
        });
        controller.cut();

        hostRefuses(bothWays().algorithms(PLAIN), AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    void algorithmsThatWereNotOfferedAreRefused() {
        for (int hash : new int[] {0, DhChapHash.SHA_256.value(), 4, 0xFF}) {
            authentication.altered.put(CHALLENGE, with(8, hash));
            NvmeAuthenticationException failure = failure(
                    NvmeAuthenticationException.class, oneWay().algorithms(PLAIN.withHashes(DhChapHash.SHA_384)));
            assertThat(failure.failure()).isPresent();
            assertThat(failure.isFromController()).isFalse();
        }
        authentication.altered.put(CHALLENGE, with(9, DhGroup.FFDHE2048.value()));
        assertThat(failure(NvmeAuthenticationException.class, oneWay().algorithms(PLAIN))
                        .failure())
                .isPresent();
        authentication.altered.put(CHALLENGE, with(9, 0x77));
        assertThat(failure(NvmeAuthenticationException.class, oneWay().algorithms(PLAIN))
                        .failure())
                .isPresent();
    }

    @Test
    void whatTheControllerDoesNotAllowItSays() {
        authentication.algorithms = PLAIN;
        assertThat(refused(
                                oneWay().algorithms(PLAIN.withHashes(DhChapHash.SHA_512)),
                                AuthenticationFailure.HASH_NOT_USABLE)
                        .isFromController())
                .isTrue();
        refused(oneWay().algorithms(PLAIN.withGroups(DhGroup.FFDHE2048)), AuthenticationFailure.GROUP_NOT_USABLE);
    }

    @ParameterizedTest
    @EnumSource(AuthenticationFailure.class)
    @Covers("Each reason is told to whoever connects, also one without a name")
    void whateverTheControllerEndsATransactionWithIsDecoded(AuthenticationFailure failure) {
        for (int step : new int[] {CHALLENGE, SUCCESS1}) {
            authentication.altered.clear();
            authentication.altered.put(
                    step, bytes -> ScriptedAuthentication.bytes(AuthFailure.ofController(tid(bytes), failure)));

            NvmeAuthenticationException thrown = refused(oneWay().algorithms(PLAIN), failure);

            assertThat(thrown.isFromController()).isTrue();
            assertThat(thrown).hasMessageContaining("RCE " + failure.explanation() + ": " + failure.text());
        }
    }

    @Test
    @Covers("Each reason is told to whoever connects, also one without a name")
    void aReasonWithoutANameIsToldByItsNumber() {
        authentication.altered.put(
                CHALLENGE, bytes -> ScriptedAuthentication.bytes(new AuthFailure(tid(bytes), false, 1, 0xEE)));

        NvmeAuthenticationException thrown = failure(NvmeAuthenticationException.class, oneWay().algorithms(PLAIN));

        assertThat(thrown.failure()).isEmpty();
        assertThat(thrown).hasMessageContaining("RC 1, RCE 238");
    }

    static IntStream steps() {
        return IntStream.rangeClosed(NEGOTIATE, SUCCESS2);
    }

    /** Runs into a step of the first queue in which the controller does something else. */
    private void at(int step, Consumer<ScriptedAuthentication.Step> action) {
        proveController();
        authentication.instead.put(step, action);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aCommandThatIsRefusedIsAFailureToAuthenticate(int step) {
        at(step, taken -> taken.fail(StatusCode.INTERNAL_ERROR));

        NvmeAuthenticationException failure =
                failure(NvmeAuthenticationException.class, bothWays().algorithms(PLAIN));

        assertThat(failure)
                .hasMessageContaining("0/06h")
                .hasMessageContaining(step % 2 == 0 ? "Authentication Receive" : "Authentication Send");
        assertThat(failure.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aConnectionThatIsLostInAnyStepIsNotAFailureToAuthenticate(int step) {
        at(step, ScriptedAuthentication.Step::close);

        failure(NvmeConnectionException.class, bothWays().algorithms(PLAIN));
    }

    private int latestTransaction() {
        return authentication.received.get(authentication.received.size() - 1).transactionId();
    }

    @ParameterizedTest
    @ValueSource(ints = {CHALLENGE, SUCCESS1})
    void theReasonOfARefusalComesBeforeTheEndOfItsConnection(int step) {
        at(step, taken -> taken.refuse(latestTransaction(), AuthenticationFailure.AUTHENTICATION_FAILED));

        for (int i = 0; i < 20; i++) {
            refused(bothWays().algorithms(PLAIN), AuthenticationFailure.AUTHENTICATION_FAILED);
        }
    }

    /** The end of one connection is the end of all, and that is seen by the other queues first. */
    @ParameterizedTest
    @ValueSource(strings = {"Connect", "Authentication Send"})
    void theReasonOfARefusalComesBeforeTheEndOfOtherQueues(String otherQueue) {
        List<Exchange> held = new ArrayList<>();
        Consumer<Exchange> refusing = exchange -> {
            exchange.kept = true;
            held.add(exchange);
            if (held.size() == 2) {
                held.sort(Comparator.comparingInt(one -> one.queue.id));
                new ScriptedAuthentication.Step(held.get(0).queue.pair, held.get(0).command)
                        .refuse(latestTransaction(), AuthenticationFailure.AUTHENTICATION_FAILED);
                held.get(1).command.release();
                held.clear();
            }
        };
        controller.on("q1 Authentication Receive", refusing).on("q2 " + otherQueue, refusing);

        for (int i = 0; i < 20; i++) {
            NvmeAuthenticationException failure =
                    failure(NvmeAuthenticationException.class, oneWay().algorithms(PLAIN));
            assertThat(failure.failure()).contains(AuthenticationFailure.AUTHENTICATION_FAILED);
            assertThat(failure).hasMessageContaining("queue 1");
        }
    }

    private void awaitStep(CountDownLatch reached) {
        try {
            assertThat(reached.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A timer may be set a moment after its command has left. */
    private void awaitTimeout(AtomicReference<Throwable> failure, Duration timeout) {
        Awaitility.await().atMost(PATIENCE).until(() -> {
            timer.advance(timeout);
            return failure.get() != null;
        });
    }

    @ParameterizedTest
    @MethodSource("steps")
    @Covers("There is a time limit for all of it")
    void aStepThatIsNotAnsweredRunsOutOfTime(int step) {
        CountDownLatch reached = new CountDownLatch(1);
        at(step, taken -> {
            taken.forget();
            reached.countDown();
        });
        AtomicReference<Throwable> failure = new AtomicReference<>();
        client(bothWays().algorithms(PLAIN))
                .connectTimeout(Duration.ofSeconds(3))
                .connect()
                .subscribe(connected -> {}, failure::set);
        awaitStep(reached);

        awaitTimeout(failure, Duration.ofSeconds(3));
        String name = List.of(
                        "AUTH_Negotiate", "DHCHAP_Challenge", "DHCHAP_Reply", "DHCHAP_Success1", "DHCHAP_Success2")
                .get(step - 1);
        assertThat(failure.get())
                .isInstanceOf(NvmeTimeoutException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("3000 ms");
        nothingIsOpen();
    }

    @ParameterizedTest
    @MethodSource("steps")
    void cancellingInAnyStepClosesEverything(int step) {
        CountDownLatch reached = new CountDownLatch(1);
        at(step, taken -> {
            taken.forget();
            reached.countDown();
        });
        Disposable connecting = client(bothWays().algorithms(PLAIN)).connect().subscribe();
        awaitStep(reached);

        connecting.dispose();

        nothingIsOpen();
    }

    @Test
    void aProviderThatNeverAnswersRunsOutOfTime() {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        client(Security.none().hostSecret(request -> Mono.<char[]>never().doOnSubscribe(s -> asked.countDown())))
                .connect()
                .subscribe(connected -> {}, failure::set);
        awaitStep(asked);

        awaitTimeout(failure, NvmeClient.DEFAULT_CONNECT_TIMEOUT);
        assertThat(failure.get()).isInstanceOf(NvmeTimeoutException.class).hasMessageContaining("secret of the host");
        nothingIsOpen();
    }

    @Test
    void algorithmsOfTheClientAreOfferedInItsOrder() {
        connect(oneWay().algorithms(PLAIN.withHashes(DhChapHash.SHA_512, DhChapHash.SHA_256)
                .withGroups(DhGroup.NULL, DhGroup.FFDHE4096)));

        assertThat(authentication.received.get(0)).isInstanceOfSatisfying(AuthNegotiate.class, negotiate -> {
            assertThat(negotiate.secureChannel()).isZero();
            assertThat(negotiate.protocols().get(0).hashes()).containsExactly(3, 1);
            assertThat(negotiate.protocols().get(0).groups()).containsExactly(0, 3);
        });
    }

    @Test
    void withoutAReplyNothingIsAuthenticated() {
        authentication.instead.put(REPLY, taken -> taken.fail(StatusCode.INVALID_FIELD));
        failure(NvmeAuthenticationException.class, oneWay().algorithms(PLAIN));
        assertThat(authentication.authenticated()).isZero();
        assertThat(controller.log).doesNotContain("Get CAP");
    }
}
