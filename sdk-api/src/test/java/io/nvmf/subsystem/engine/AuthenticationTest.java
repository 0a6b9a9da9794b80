package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.HOST;
import static io.nvmf.subsystem.engine.TargetFixture.HOST_ID;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static io.nvmf.subsystem.engine.TargetFixture.connect;
import static io.nvmf.subsystem.engine.TargetFixture.connectAdmin;
import static io.nvmf.subsystem.engine.TargetFixture.connectData;
import static io.nvmf.subsystem.engine.TargetFixture.connectIo;
import static io.nvmf.subsystem.engine.TargetFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.Security;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.dhchap.HostTransaction;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.security.key.KeyProvider;
import io.nvmf.security.key.KeyRequest;
import io.nvmf.security.key.KeyUse;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationCommand;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhChapReply;
import io.nvmf.spec.auth.DhChapSuccess2;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.testing.LogLines;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.event.Level;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Hosts that have to prove who they are: those that can, and those that break a rule. */
class AuthenticationTest {

    private static final DhChapSecret HOST_SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final DhChapSecret CONTROLLER_SECRET = DhChapSecret.random(DhChapHash.SHA_384);
    private static final DhChapAlgorithms PLAIN =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.NULL));
    private static final DhChapAlgorithms EXCHANGE =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.FFDHE2048));
    private static final byte[] ONES = new byte[32];

    static {
        Arrays.fill(ONES, (byte) 1);
    }

    /** No end that a host in order makes. */
    private static final Termination BROKEN = new Termination.IoFailure(new IOException("broken"));

    private static final int BUFFER = AuthenticationMessage.BUFFER_LENGTH;

    private final LogLines lines = new LogLines(Level.INFO);
    private final Freshness freshness = new Freshness();
    private final Map<String, DhChapSecret> secrets = new ConcurrentHashMap<>(Map.of(HOST, HOST_SECRET));
    private final Queue<KeyRequest> asked = new ConcurrentLinkedQueue<>();
    private final Queue<char[]> handedOut = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Throwable failure;
    private @Nullable TargetFixture running;

    private final KeyProvider provider = new KeyProvider() {
        @Override
        public Mono<char[]> key(KeyRequest request) {
            asked.add(request);
            Throwable now = failure;
            if (now != null) {
                return Mono.error(now);
            }
            return Mono.justOrEmpty(secrets.get(request.hostNqn()))
                    .map(DhChapSecret::format)
                    .doOnNext(handedOut::add);
        }
    };

    @AfterEach
    void close() {
        if (running != null) {
            running.close();
        }
        assertThat(handedOut).allSatisfy(text -> assertThat(text).containsOnly('\0'));
    }

    private TargetFixture target(DhChapAlgorithms algorithms) {
        return target(algorithms, TargetOptions.DEFAULTS, Schedulers.parallel(), security -> security);
    }

    private TargetFixture target(
            DhChapAlgorithms algorithms, TargetOptions limits, Scheduler timer, UnaryOperator<Security> more) {
        TargetFixture started = TargetFixture.start(
                lines.logger(),
                more.apply(Security.none()
                        .hostSecret(provider)
                        .controllerSecret(CONTROLLER_SECRET)
                        .algorithms(algorithms)),
                limits,
                timer,
                SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(1 << 20, BLOCK)));
        running = started;
        return started;
    }

    private static DhChapParameters host(DhChapAlgorithms algorithms) {
        return host(algorithms, HOST, SUBSYSTEM, HOST_SECRET, Optional.empty());
    }

    private static DhChapParameters host(
            DhChapAlgorithms algorithms,
            String host,
            String subsystem,
            DhChapSecret secret,
            Optional<DhChapSecret> controllerSecret) {
        return new DhChapParameters(host, subsystem, secret, controllerSecret, algorithms, SecureChannel.NONE);
    }

    /** Runs a transaction to its end. */
    private HostTransaction authenticate(RawQueue queue, DhChapParameters parameters) {
        HostTransaction host = new HostTransaction(parameters, freshness);
        Optional<? extends AuthenticationMessage> message = Optional.of(host.begin());
        while (message.isPresent()) {
            queue.succeed(RawCommand.authenticationSend(message.get()));
            message = host.state() == TransactionState.RUNNING ? fetch(queue, host) : Optional.empty();
        }
        return host;
    }

    private static Optional<AuthenticationMessage> fetch(RawQueue queue, HostTransaction host) {
        byte[] data = receive(queue);
        return host.receive(Unpooled.wrappedBuffer(data), 0, data.length);
    }

    private static byte[] receive(RawQueue queue) {
        RawCommand command = RawCommand.authenticationReceive(BUFFER);
        queue.succeed(command);
        return command.received();
    }

    private static AuthenticationMessage receiveMessage(RawQueue queue) {
        return AuthenticationMessage.decodePadded(Unpooled.wrappedBuffer(receive(queue)), 0, BUFFER);
    }

    private RawQueue connected(TargetFixture target) {
        RawQueue queue = target.open(true);
        ResponseCapsule response = queue.succeed(connectAdmin(0));
        assertThat(ConnectResponse.decode(response.dw0()).authenticationRequired())
                .isTrue();
        assertThat(ConnectResponse.decode(response.dw0()).secureChannelRequired())
                .isFalse();
        return queue;
    }

    private TargetFixture.Admin admin(TargetFixture target, DhChapAlgorithms algorithms) {
        RawQueue queue = target.open(true);
        int id = queue.succeed(connectAdmin(0)).dw0() & 0xFFFF;
        assertThat(authenticate(queue, host(algorithms)).state()).isEqualTo(TransactionState.AUTHENTICATED);
        queue.succeed(enable());
        return new TargetFixture.Admin(queue, id);
    }

    private RawQueue io(TargetFixture target, int controllerId, int queueId) {
        RawQueue queue = target.open(false);
        ResponseCapsule response = queue.succeed(connectIo(queueId, controllerId, 16, 0));
        assertThat(ConnectResponse.decode(response.dw0()).authenticationRequired())
                .isTrue();
        return queue;
    }

    /** The reason that the host fetches, after which the connection is closed. */
    private static void refused(RawQueue queue, AuthenticationFailure reason) {
        AuthenticationMessage message = receiveMessage(queue);
        assertThat(message).isInstanceOf(AuthFailure.class);
        assertThat(((AuthFailure) message).fromHost()).isFalse();
        assertThat(((AuthFailure) message).failure()).contains(reason);
        assertThat(queue.termination()).isInstanceOf(Termination.Closed.class);
    }

    static Stream<Arguments> choices() {
        return Stream.of(
                Arguments.of(DhChapHash.SHA_256, DhGroup.NULL),
                Arguments.of(DhChapHash.SHA_384, DhGroup.NULL),
                Arguments.of(DhChapHash.SHA_512, DhGroup.NULL),
                Arguments.of(DhChapHash.SHA_256, DhGroup.FFDHE2048),
                Arguments.of(DhChapHash.SHA_384, DhGroup.FFDHE3072),
                Arguments.of(DhChapHash.SHA_512, DhGroup.FFDHE4096));
    }

    @ParameterizedTest
    @MethodSource("choices")
    void everyQueueIsUsedOnceItsHostHasProvedWhoItIs(DhChapHash hash, DhGroup group) {
        DhChapAlgorithms algorithms = new DhChapAlgorithms(List.of(hash), List.of(group));
        TargetFixture target = target(algorithms);
        TargetFixture.Admin admin = admin(target, algorithms);
        RawQueue io = io(target, admin.controllerId(), 1);
        assertThat(authenticate(io, host(algorithms)).state()).isEqualTo(TransactionState.AUTHENTICATED);
        io.succeed(RawCommand.write(0, 1, new byte[BLOCK]));
        admin.queue().succeed(RawCommand.identify(1, 0));
        assertThat(asked).extracting(KeyRequest::use).containsOnly(KeyUse.HOST_SECRET);
        assertThat(asked).containsOnly(new KeyRequest(KeyUse.HOST_SECRET, HOST, SUBSYSTEM));
        assertThat(lines.at(Level.INFO)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("choices")
    void theControllerProvesItselfToHostsThatAsk(DhChapHash hash, DhGroup group) {
        DhChapAlgorithms algorithms = new DhChapAlgorithms(List.of(hash), List.of(group));
        TargetFixture target = target(algorithms);
        RawQueue queue = connected(target);
        HostTransaction host =
                authenticate(queue, host(algorithms, HOST, SUBSYSTEM, HOST_SECRET, Optional.of(CONTROLLER_SECRET)));
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        queue.succeed(enable());
    }

    @Test
    void discoveryAsksForProofToo() {
        TargetFixture target = target(PLAIN);
        RawQueue queue = target.open(true);
        ResponseCapsule response =
                queue.succeed(connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, Nqn.DISCOVERY, HOST)));
        assertThat(ConnectResponse.decode(response.dw0()).authenticationRequired())
                .isTrue();
        queue.refuse(enable(), StatusCode.AUTHENTICATION_REQUIRED, true);
        HostTransaction host = authenticate(queue, host(PLAIN, HOST, Nqn.DISCOVERY, HOST_SECRET, Optional.empty()));
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        queue.succeed(enable());
    }

    @Test
    @Covers("Nothing comes between Connect and the end of the authentication, on any queue")
    void nothingElseIsDoneBefore() {
        TargetFixture target = target(PLAIN);
        RawQueue queue = connected(target);
        queue.refuse(RawCommand.get(Property.CAP), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(enable(), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(RawCommand.identify(1, 0), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(connectAdmin(0), StatusCode.COMMAND_SEQUENCE_ERROR, false);

        TargetFixture.Admin admin = admin(target, PLAIN);
        RawQueue io = io(target, admin.controllerId(), 1);
        io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.AUTHENTICATION_REQUIRED, true);
        io.refuse(RawCommand.opcode(NvmOpcode.FLUSH, 1), StatusCode.AUTHENTICATION_REQUIRED, true);
    }

    @Test
    void ioQueuesJoinNoControllerWhoseHostHasProvedNothing() {
        TargetFixture target = target(PLAIN);
        RawQueue queue = target.open(true);
        int id = queue.succeed(connectAdmin(0)).dw0() & 0xFFFF;
        target.open(false).refuse(connectIo(1, id, 16, 0), StatusCode.COMMAND_SEQUENCE_ERROR, false);
    }

    @Test
    @Covers("A host that has proved nothing takes no place and ends no association")
    void whoHasProvedNothingTakesNoQueueOfOthersAndEndsNoAssociation() {
        TargetFixture target = target(PLAIN);
        TargetFixture.Admin admin = admin(target, PLAIN);
        RawQueue stranger = io(target, admin.controllerId(), 1);
        RawQueue io = io(target, admin.controllerId(), 1);
        authenticate(io, host(PLAIN));
        target.transport.connections().stream()
                .filter(connection -> connection.host() == stranger.queuePair())
                .forEach(connection -> connection.cut(BROKEN, BROKEN));
        stranger.termination();
        Awaitility.await().until(() -> target.server.connections() == 2);
        io.succeed(RawCommand.read(0, 1, BLOCK));
        admin.queue().succeed(RawCommand.identify(1, 0));

        // The one that comes second has proved it in vain.
        RawQueue first = io(target, admin.controllerId(), 2);
        RawQueue second = io(target, admin.controllerId(), 2);
        authenticate(first, host(PLAIN));
        HostTransaction late = new HostTransaction(host(PLAIN), freshness);
        second.succeed(RawCommand.authenticationSend(late.begin()));
        second.succeed(RawCommand.authenticationSend(fetch(second, late).orElseThrow()));
        second.refuse(RawCommand.authenticationReceive(BUFFER), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        assertThat(second.termination()).isInstanceOf(Termination.Closed.class);
        first.succeed(RawCommand.read(0, 1, BLOCK));
    }

    @Test
    @Covers("A host that has proved nothing takes no place and ends no association")
    void whoHasProvedNothingTakesNoPlaceOfOthers() {
        TargetFixture target =
                target(PLAIN, TargetOptions.DEFAULTS.controllers(1), Schedulers.parallel(), security -> security);
        RawQueue stranger = connected(target);
        RawQueue queue = connected(target);
        assertThat(authenticate(queue, host(PLAIN)).state()).isEqualTo(TransactionState.AUTHENTICATED);
        queue.succeed(enable());
        target.open(true).refuse(connectAdmin(0), StatusCode.CONNECT_CONTROLLER_BUSY, false);
        HostTransaction late = new HostTransaction(host(PLAIN), freshness);
        stranger.succeed(RawCommand.authenticationSend(late.begin()));
        stranger.succeed(RawCommand.authenticationSend(fetch(stranger, late).orElseThrow()));
        stranger.refuse(RawCommand.authenticationReceive(BUFFER), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        stranger.termination();
        queue.close();
        Awaitility.await().until(() -> target.server.controllers() == 0);
        admin(target, PLAIN);
    }

    @Test
    @Covers("A wrong secret and an unknown host get the same answers")
    void aWrongSecretAndAHostThatNobodyKnowsAreRefusedAlike() {
        TargetFixture target = target(EXCHANGE);
        RawQueue wrong = connected(target);
        HostTransaction host = authenticate(
                wrong, host(EXCHANGE, HOST, SUBSYSTEM, DhChapSecret.random(DhChapHash.SHA_256), Optional.empty()));
        assertThat(host.failure().map(TransactionFailure::explanation))
                .contains(AuthenticationFailure.AUTHENTICATION_FAILED.explanation());
        wrong.termination();

        secrets.clear();
        RawQueue unknown = connected(target);
        HostTransaction stranger = authenticate(unknown, host(EXCHANGE));
        assertThat(stranger.failure()).isEqualTo(host.failure());
        unknown.termination();

        failure = new IllegalStateException("out of order");
        RawQueue unlucky = connected(target);
        assertThat(authenticate(unlucky, host(EXCHANGE)).failure()).isEqualTo(host.failure());
        unlucky.termination();

        assertThat(lines.at(Level.INFO)).hasSize(4);
        assertThat(lines.at(Level.INFO).get(0))
                .isEqualTo("refused authentication of queue 0 of \"" + SUBSYSTEM + "\" by host \"" + HOST
                        + "\" on a queue that is connected: \"authentication failed, the host's response is wrong\"");
        assertThat(lines.at(Level.INFO).get(2)).contains("out of order");
    }

    private static byte[] bytes(AuthenticationMessage message) {
        ByteBuf buffer = Unpooled.buffer(message.length()).writeZero(message.length());
        message.encode(buffer, 0);
        return buffer.array();
    }

    private static AuthNegotiate negotiate(int secureChannel, List<Integer> hashes, List<Integer> groups) {
        return new AuthNegotiate(
                7, secureChannel, List.of(new AuthNegotiate.Protocol(AuthNegotiate.DH_HMAC_CHAP, hashes, groups)));
    }

    static Stream<Arguments> badBeginnings() {
        DhChapReply reply = new DhChapReply(7, false, 0, Octets.zeroes(32), Octets.zeroes(32), Octets.empty());
        byte[] negotiate = bytes(negotiate(0, List.of(1), List.of(0)));
        byte[] garbage = new byte[100];
        Arrays.fill(garbage, (byte) 0xA5);
        return Stream.of(
                Arguments.of(
                        "no protocol",
                        bytes(new AuthNegotiate(7, 0, List.of())),
                        AuthenticationFailure.PROTOCOL_NOT_USABLE),
                Arguments.of(
                        "a protocol that is unknown",
                        bytes(new AuthNegotiate(7, 0, List.of(new AuthNegotiate.Protocol(9, List.of(), List.of())))),
                        AuthenticationFailure.PROTOCOL_NOT_USABLE),
                Arguments.of(
                        "a hash that is unknown",
                        bytes(negotiate(0, List.of(77), List.of(0))),
                        AuthenticationFailure.HASH_NOT_USABLE),
                Arguments.of(
                        "a hash that is not allowed",
                        bytes(negotiate(0, List.of(3), List.of(0))),
                        AuthenticationFailure.HASH_NOT_USABLE),
                Arguments.of(
                        "a group that is unknown",
                        bytes(negotiate(0, List.of(1), List.of(99))),
                        AuthenticationFailure.GROUP_NOT_USABLE),
                Arguments.of(
                        "a group that is not allowed",
                        bytes(negotiate(0, List.of(1), List.of(5))),
                        AuthenticationFailure.GROUP_NOT_USABLE),
                Arguments.of(
                        "a secure channel",
                        bytes(negotiate(2, List.of(1), List.of(0))),
                        AuthenticationFailure.SECURE_CHANNEL_MISMATCH),
                Arguments.of(
                        "no such channel",
                        bytes(negotiate(200, List.of(1), List.of(0))),
                        AuthenticationFailure.SECURE_CHANNEL_MISMATCH),
                Arguments.of(
                        "a message that is too short",
                        Arrays.copyOf(negotiate, negotiate.length - 1),
                        AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of(
                        "a message that is too long",
                        Arrays.copyOf(negotiate, negotiate.length + 1),
                        AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of("one byte", new byte[1], AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of("garbage", garbage, AuthenticationFailure.INCORRECT_MESSAGE),
                Arguments.of("a reply to nothing", bytes(reply), AuthenticationFailure.INCORRECT_MESSAGE),
                Arguments.of(
                        "a success of nothing", bytes(new DhChapSuccess2(7)), AuthenticationFailure.INCORRECT_MESSAGE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badBeginnings")
    void aTransactionThatBeginsWronglyIsRefusedWithItsReason(
            String what, byte[] message, AuthenticationFailure reason) {
        RawQueue queue = connected(target(PLAIN));
        queue.succeed(RawCommand.authenticationSend(message));
        queue.refuse(enable(), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(RawCommand.authenticationSend(message), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        refused(queue, reason);
        assertThat(lines.at(Level.INFO)).hasSize(1);
    }

    /** As far as the challenge. */
    private DhChapReply reply(RawQueue queue) {
        HostTransaction host = new HostTransaction(host(PLAIN), freshness);
        queue.succeed(RawCommand.authenticationSend(host.begin()));
        return (DhChapReply) fetch(queue, host).orElseThrow();
    }

    private static DhChapReply reply(DhChapReply like, int transactionId, Octets response) {
        return new DhChapReply(
                transactionId,
                like.challengeValid(),
                like.sequenceNumber(),
                response,
                like.challenge(),
                like.publicValue());
    }

    @Test
    void aReplyCountsOnlyForItsChallenge() {
        TargetFixture target = target(PLAIN);
        RawQueue queue = connected(target);
        DhChapReply first = reply(queue);
        queue.succeed(RawCommand.authenticationSend(first));
        queue.succeed(RawCommand.authenticationReceive(BUFFER));
        queue.succeed(enable());

        RawQueue another = connected(target);
        DhChapReply own = reply(another);
        another.succeed(RawCommand.authenticationSend(reply(own, own.transactionId(), first.response())));
        refused(another, AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    static Stream<Arguments> badReplies() {
        UnaryOperator<DhChapReply> unchanged = reply -> reply;
        return Stream.of(
                Arguments.of(
                        "a number of 0 with a challenge",
                        (UnaryOperator<DhChapReply>) reply -> new DhChapReply(
                                reply.transactionId(), true, 0, reply.response(), Octets.of(ONES), reply.publicValue()),
                        0,
                        AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of(
                        "a response of another hash",
                        (UnaryOperator<DhChapReply>) reply -> new DhChapReply(
                                reply.transactionId(),
                                false,
                                reply.sequenceNumber(),
                                Octets.zeroes(48),
                                Octets.zeroes(48),
                                reply.publicValue()),
                        0,
                        AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of(
                        "a public value without a group",
                        (UnaryOperator<DhChapReply>) reply -> new DhChapReply(
                                reply.transactionId(),
                                false,
                                reply.sequenceNumber(),
                                reply.response(),
                                reply.challenge(),
                                Octets.zeroes(256)),
                        0,
                        AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of("a byte too few", unchanged, -1, AuthenticationFailure.INCORRECT_PAYLOAD),
                Arguments.of("a byte too many", unchanged, 1, AuthenticationFailure.INCORRECT_PAYLOAD));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badReplies")
    void aReplyThatBreaksARuleIsRefusedWithItsReason(
            String what, UnaryOperator<DhChapReply> change, int longer, AuthenticationFailure reason) {
        RawQueue queue = connected(target(PLAIN));
        byte[] reply = bytes(change.apply(reply(queue)));
        queue.succeed(RawCommand.authenticationSend(Arrays.copyOf(reply, reply.length + longer)));
        refused(queue, reason);
    }

    @Test
    void aHostThatAsksForProofGetsNoneWhereTheControllerHasNoSecret() {
        TargetFixture target = TargetFixture.start(
                lines.logger(),
                Security.none().hostSecret(provider).algorithms(PLAIN),
                TargetOptions.DEFAULTS,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM));
        running = target;
        RawQueue queue = connected(target);
        HostTransaction host =
                authenticate(queue, host(PLAIN, HOST, SUBSYSTEM, HOST_SECRET, Optional.of(CONTROLLER_SECRET)));
        assertThat(host.failure().map(TransactionFailure::explanation))
                .contains(AuthenticationFailure.AUTHENTICATION_FAILED.explanation());
        queue.termination();
    }

    @Test
    void aReplyOfAnotherTransactionIsRefused() {
        RawQueue queue = connected(target(PLAIN));
        DhChapReply reply = reply(queue);
        queue.succeed(
                RawCommand.authenticationSend(reply(reply, reply.transactionId() + 1 & 0xFFFF, reply.response())));
        refused(queue, AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    void messagesOutOfOrderAreRefused() {
        TargetFixture target = target(PLAIN);
        RawQueue again = connected(target);
        reply(again);
        again.succeed(RawCommand.authenticationSend(negotiate(0, List.of(1), List.of(0))));
        refused(again, AuthenticationFailure.INCORRECT_PAYLOAD);

        RawQueue unasked = connected(target);
        unasked.succeed(RawCommand.authenticationSend(negotiate(0, List.of(1), List.of(0))));
        unasked.succeed(RawCommand.authenticationSend(new DhChapSuccess2(7)));
        refused(unasked, AuthenticationFailure.INCORRECT_MESSAGE);
    }

    @Test
    void whoAsksWhereItHasToSendIsRefused() {
        TargetFixture target = target(PLAIN);
        refused(connected(target), AuthenticationFailure.INCORRECT_MESSAGE);

        RawQueue late = connected(target);
        reply(late);
        refused(late, AuthenticationFailure.INCORRECT_MESSAGE);
    }

    @Test
    void whoGivesUpIsLetGoAtOnce() {
        RawQueue queue =
                connected(target(PLAIN, TargetOptions.DEFAULTS, VirtualTimeScheduler.create(), security -> security));
        DhChapReply reply = reply(queue);
        queue.succeed(RawCommand.authenticationSend(
                AuthFailure.ofHost(reply.transactionId(), AuthenticationFailure.HASH_NOT_USABLE)));
        assertThat(queue.termination()).isInstanceOf(Termination.Closed.class);
        assertThat(lines.at(Level.INFO)).singleElement().asString().contains("hash function not usable, says the host");
    }

    @Test
    void commandsAreCheckedBeforeAnythingIsTaken() {
        RawQueue queue = connected(target(PLAIN));
        byte[] tiny = new byte[16];
        for (int offset :
                List.of(AuthenticationCommand.SPSP0, AuthenticationCommand.SPSP1, AuthenticationCommand.SECP)) {
            queue.refuse(
                    RawCommand.authenticationSend(tiny)
                            .with(entry -> entry.buffer().setByte(entry.index() + offset, 0x77)),
                    StatusCode.INVALID_FIELD,
                    true);
            queue.refuse(
                    RawCommand.authenticationReceive(BUFFER)
                            .with(entry -> entry.buffer().setByte(entry.index() + offset, 0x77)),
                    StatusCode.INVALID_FIELD,
                    true);
        }
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, QueueAuthentication.MOST + 1}) {
            queue.refuse(length(RawCommand.authenticationSend(tiny), length), StatusCode.INVALID_FIELD, true);
            queue.refuse(length(RawCommand.authenticationReceive(16), length), StatusCode.INVALID_FIELD, true);
        }
        queue.refuse(length(RawCommand.authenticationSend(tiny), 17), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        queue.refuse(length(RawCommand.authenticationReceive(16), 15), StatusCode.DATA_SGL_LENGTH_INVALID, true);
        assertThat(asked).isEmpty();
        assertThat(authenticate(queue, host(PLAIN)).state()).isEqualTo(TransactionState.AUTHENTICATED);
    }

    private static RawCommand length(RawCommand command, int length) {
        return command.with(
                entry -> entry.buffer().setIntLE(entry.index() + AuthenticationCommand.DATA_LENGTH, length));
    }

    @Test
    void aBufferThatAMessageDoesNotFitIntoEndsTheTransaction() {
        RawQueue queue = connected(target(PLAIN));
        queue.succeed(RawCommand.authenticationSend(negotiate(0, List.of(1), List.of(0))));
        queue.refuse(RawCommand.authenticationReceive(16), StatusCode.INVALID_FIELD, true);
        assertThat(queue.termination()).isInstanceOf(Termination.Closed.class);
    }

    @Test
    @Covers("There is a time limit for all of it")
    void theDeadlineRunsUntilTheHostHasProvedWhoItIs() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TargetFixture target = target(PLAIN, TargetOptions.DEFAULTS, time, security -> security);
        RawQueue silent = connected(target);
        RawQueue slow = connected(target);
        reply(slow);
        RawQueue quick = connected(target);
        authenticate(quick, host(PLAIN));
        time.advanceTimeBy(TargetOptions.DEFAULT_CONNECT_TIMEOUT);
        assertThat(silent.termination()).isInstanceOf(Termination.Closed.class);
        assertThat(slow.termination()).isInstanceOf(Termination.Closed.class);
        quick.succeed(enable());
        Awaitility.await().until(() -> target.server.controllers() == 1);
    }

    @Test
    @Covers("AUTH_Failure1 can be fetched for a while, then the connection is closed")
    void aReasonThatNobodyFetchesIsKeptForAWhileOnly() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        RawQueue queue = connected(target(PLAIN, TargetOptions.DEFAULTS, time, security -> security));
        queue.succeed(RawCommand.authenticationSend(new byte[3]));
        time.advanceTimeBy(QueueAuthentication.FETCH_TIMEOUT.minusMillis(1));
        queue.refuse(enable(), StatusCode.AUTHENTICATION_REQUIRED, true);
        time.advanceTimeBy(Duration.ofMillis(1));
        assertThat(queue.termination()).isInstanceOf(Termination.Closed.class);
    }

    @Test
    void whoHasFailedWaitsForTheNextAnswer() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TargetFixture target = target(PLAIN, TargetOptions.DEFAULTS, time, security -> security);
        RawQueue failing = connected(target);
        failing.succeed(RawCommand.authenticationSend(new byte[3]));
        refused(failing, AuthenticationFailure.INCORRECT_PAYLOAD);

        RawQueue queue = connected(target);
        asked.clear();
        HostTransaction host = new HostTransaction(host(PLAIN), freshness);
        queue.send(RawCommand.authenticationSend(host.begin()));
        // Answered in order, so this one shows that the other has come.
        int other = queue.send(enable());
        assertThat(queue.next().commandId()).isEqualTo(other);
        time.advanceTimeBy(Duration.ofMillis(99));
        assertThat(queue.silent()).isTrue();
        assertThat(asked).isEmpty();
        time.advanceTimeBy(Duration.ofMillis(1));
        assertThat(queue.next().status().isSuccess()).isTrue();
        queue.succeed(RawCommand.authenticationSend(fetch(queue, host).orElseThrow()));
        fetch(queue, host);
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        // Whoever has succeeded does not wait any more.
        assertThat(authenticate(connected(target), host(PLAIN)).state()).isEqualTo(TransactionState.AUTHENTICATED);
    }

    @Test
    void theRightfulHostIsInTimeThoughOthersFailInItsName() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TargetFixture target =
                target(PLAIN, TargetOptions.DEFAULTS.connectTimeout(Duration.ofSeconds(1)), time, security -> security);
        for (int i = 0; i < 5; i++) {
            RawQueue failing = connected(target);
            int message = failing.send(RawCommand.authenticationSend(new byte[3]));
            if (arrived(failing) != message) {
                time.advanceTimeBy(Duration.ofMillis(800));
                assertThat(failing.next().commandId()).isEqualTo(message);
            }
            failing.close();
        }
        RawQueue queue = connected(target);
        HostTransaction host = new HostTransaction(host(PLAIN), freshness);
        int message = queue.send(RawCommand.authenticationSend(host.begin()));
        assertThat(arrived(queue)).isNotEqualTo(message);
        time.advanceTimeBy(Duration.ofMillis(500));
        assertThat(queue.next().commandId()).isEqualTo(message);
        queue.succeed(RawCommand.authenticationSend(fetch(queue, host).orElseThrow()));
        fetch(queue, host);
        queue.succeed(enable());
    }

    /** The identifier that is answered first, when the target has all that was sent. */
    private static int arrived(RawQueue queue) {
        int other = queue.send(enable());
        int first = queue.next().commandId();
        if (first != other) {
            assertThat(queue.next().commandId()).isEqualTo(other);
        }
        return first;
    }

    @Test
    void whoHasProvedNothingIsNoAssociation() {
        TargetFixture target = target(PLAIN);
        connected(target);
        assertThat(target.server.controllers()).isZero();
        admin(target, PLAIN);
        assertThat(target.server.controllers()).isOne();
    }

    @Test
    void oneCommandIsDealtWithAtATime() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TargetFixture target = target(PLAIN, TargetOptions.DEFAULTS, time, security -> security);
        RawQueue failing = connected(target);
        failing.succeed(RawCommand.authenticationSend(new byte[3]));
        refused(failing, AuthenticationFailure.INCORRECT_PAYLOAD);
        RawQueue queue = connected(target);
        HostTransaction host = new HostTransaction(host(PLAIN), freshness);
        int first = queue.send(RawCommand.authenticationSend(host.begin()));
        queue.refuse(RawCommand.authenticationReceive(BUFFER), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        queue.refuse(RawCommand.authenticationSend(new byte[8]), StatusCode.COMMAND_SEQUENCE_ERROR, false);
        time.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(queue.next().commandId()).isEqualTo(first);
        assertThat(fetch(queue, host)).isPresent();
    }

    @Test
    @Covers("Queues in use are authenticated again, and a failure ends the association")
    void aHostThatIsKnownProvesItselfAgainWhileItsCommandsGoOn() {
        TargetFixture target = target(PLAIN);
        TargetFixture.Admin admin = admin(target, PLAIN);
        RawQueue io = io(target, admin.controllerId(), 1);
        authenticate(io, host(PLAIN));
        DhChapSecret renewed = DhChapSecret.random(DhChapHash.SHA_512);
        secrets.put(HOST, renewed);
        for (RawQueue queue : List.of(admin.queue(), io)) {
            queue.refuse(RawCommand.authenticationReceive(BUFFER), StatusCode.COMMAND_SEQUENCE_ERROR, false);
            HostTransaction host = new HostTransaction(
                    host(PLAIN, HOST, SUBSYSTEM, renewed, Optional.of(CONTROLLER_SECRET)), freshness);
            queue.succeed(RawCommand.authenticationSend(host.begin()));
            io.succeed(RawCommand.read(0, 1, BLOCK));
            queue.succeed(RawCommand.authenticationSend(fetch(queue, host).orElseThrow()));
            io.succeed(RawCommand.read(0, 1, BLOCK));
            queue.succeed(RawCommand.authenticationSend(fetch(queue, host).orElseThrow()));
            io.succeed(RawCommand.read(0, 1, BLOCK));
            assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        }
        authenticate(io, host(PLAIN, HOST, SUBSYSTEM, renewed, Optional.empty()));
        io.succeed(RawCommand.read(0, 1, BLOCK));
    }

    @ParameterizedTest
    @EnumSource(Queues.class)
    @Covers("Queues in use are authenticated again, and a failure ends the association")
    void aHostThatCannotProveItselfAgainLosesItsAssociation(Queues which) {
        TargetFixture target = target(PLAIN);
        TargetFixture.Admin admin = admin(target, PLAIN);
        RawQueue io = io(target, admin.controllerId(), 1);
        authenticate(io, host(PLAIN));
        secrets.put(HOST, DhChapSecret.random(DhChapHash.SHA_256));
        RawQueue queue = which == Queues.ADMIN ? admin.queue() : io;
        DhChapReply reply = reply(queue);
        queue.succeed(RawCommand.authenticationSend(reply));
        queue.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.AUTHENTICATION_REQUIRED, true);
        refused(queue, AuthenticationFailure.AUTHENTICATION_FAILED);
        io.termination();
        admin.queue().termination();
        Awaitility.await().until(() -> target.server.controllers() == 0);
    }

    enum Queues {
        ADMIN,
        IO
    }

    @Test
    void aLaterTransactionHasADeadlineToo() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TargetFixture target = target(PLAIN, TargetOptions.DEFAULTS, time, security -> security);
        TargetFixture.Admin admin = admin(target, PLAIN);
        reply(admin.queue());
        admin.queue().succeed(RawCommand.identify(1, 0));
        time.advanceTimeBy(TargetOptions.DEFAULT_CONNECT_TIMEOUT);
        admin.queue().termination();
    }

    @Test
    void aConnectionThatIsLostLeavesNothing() {
        TargetFixture target = target(EXCHANGE);
        for (int step = 0; step < 5; step++) {
            RawQueue queue = connected(target);
            HostTransaction host = new HostTransaction(
                    host(EXCHANGE, HOST, SUBSYSTEM, HOST_SECRET, Optional.of(CONTROLLER_SECRET)), freshness);
            if (step == 0) {
                // While something is computed.
                queue.send(RawCommand.authenticationSend(host.begin()));
            } else {
                queue.succeed(RawCommand.authenticationSend(host.begin()));
            }
            if (step > 1) {
                AuthenticationMessage reply = fetch(queue, host).orElseThrow();
                if (step > 2) {
                    queue.succeed(RawCommand.authenticationSend(reply));
                }
            }
            if (step > 3) {
                fetch(queue, host);
            }
            target.transport.connections().forEach(connection -> connection.cut());
            queue.termination();
            Awaitility.await().until(() -> target.server.connections() == 0);
            Subsystem subsystem = Objects.requireNonNull(target.server.subsystem(SUBSYSTEM));
            assertThat(target.server.controllersOf(subsystem)).isEmpty();
        }
    }

    @Test
    void aProviderThatIsSilentStopsNobodyFromClosing() {
        secrets.clear();
        TargetFixture target = TargetFixture.start(
                lines.logger(),
                Security.none().hostSecret(request -> Mono.never()),
                TargetOptions.DEFAULTS,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM));
        running = target;
        RawQueue queue = connected(target);
        queue.send(RawCommand.authenticationSend(new HostTransaction(host(PLAIN), freshness).begin()));
        queue.close();
        Awaitility.await().until(() -> target.server.connections() == 0);
    }
}
