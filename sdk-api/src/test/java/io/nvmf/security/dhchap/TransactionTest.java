package io.nvmf.security.dhchap;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapChallenge;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhChapReply;
import io.nvmf.spec.auth.DhChapSuccess1;
import io.nvmf.spec.auth.DhChapSuccess2;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.Octets;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.spec.auth.UnknownMessage;
import io.nvmf.testing.Covers;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Host and controller against each other, and each against a peer that breaks one rule. */
class TransactionTest {
    private static final String HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private static final String SUBSYSTEM_NQN = "nqn.2016-06.io.spdk:cnode1";
    private static final DhChapSecret HOST_SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final DhChapSecret CONTROLLER_SECRET = DhChapSecret.random(DhChapHash.SHA_512);
    private static final DhChapAlgorithms PLAIN =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.NULL));
    private static final DhChapAlgorithms EXCHANGE =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_256), List.of(DhGroup.FFDHE2048));

    private final Freshness hostFreshness = new Freshness();
    private final Freshness controllerFreshness = new Freshness();

    private static DhChapParameters parameters(
            DhChapAlgorithms algorithms, SecureChannel channel, Optional<DhChapSecret> controllerSecret) {
        return new DhChapParameters(HOST_NQN, SUBSYSTEM_NQN, HOST_SECRET, controllerSecret, algorithms, channel);
    }

    private static DhChapParameters oneWay(DhChapAlgorithms algorithms) {
        return parameters(algorithms, SecureChannel.NONE, Optional.empty());
    }

    private static DhChapParameters bothWays(DhChapAlgorithms algorithms) {
        return parameters(algorithms, SecureChannel.NONE, Optional.of(CONTROLLER_SECRET));
    }

    private HostTransaction host(DhChapParameters parameters) {
        return new HostTransaction(parameters, hostFreshness);
    }

    private ControllerTransaction controller(DhChapParameters parameters) {
        return new ControllerTransaction(parameters, controllerFreshness);
    }

    private static ByteBuf bytes(AuthenticationMessage message) {
        ByteBuf buffer = Unpooled.buffer(3 + message.length()).writeZero(3 + message.length());
        message.encode(buffer, 3);
        return buffer;
    }

    private static void send(ControllerTransaction controller, AuthenticationMessage message) {
        controller.receive(bytes(message), 3, message.length());
    }

    /** What a host receives fills a buffer that is longer than the message. */
    private static Optional<AuthenticationMessage> send(HostTransaction host, AuthenticationMessage message) {
        ByteBuf buffer = bytes(message).writeZero(AuthenticationMessage.BUFFER_LENGTH - message.length());
        return host.receive(buffer, 3, AuthenticationMessage.BUFFER_LENGTH);
    }

    private static void run(HostTransaction host, ControllerTransaction controller) {
        Optional<? extends AuthenticationMessage> message = Optional.of(host.begin());
        while (message.isPresent()) {
            send(controller, message.get());
            message = host.state() == TransactionState.RUNNING ? send(host, controller.next()) : Optional.empty();
        }
    }

    static Stream<Arguments> everyChoice() {
        return Stream.of(DhChapHash.values())
                .flatMap(hash -> Stream.of(DhGroup.values())
                        .flatMap(group -> Stream.of(false, true).map(both -> Arguments.of(hash, group, both))));
    }

    @ParameterizedTest
    @MethodSource("everyChoice")
    @Covers("One side or both are sure of each other, with every hash and group")
    void bothSidesAreSureOfEachOther(DhChapHash hash, DhGroup group, boolean both) {
        DhChapAlgorithms algorithms = new DhChapAlgorithms(List.of(hash), List.of(group));
        HostTransaction host = host(both ? bothWays(algorithms) : oneWay(algorithms));
        ControllerTransaction controller = controller(bothWays(algorithms));
        run(host, controller);
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        assertThat(controller.state()).isEqualTo(TransactionState.AUTHENTICATED);
        assertThat(host.failure()).isEmpty();
        assertThat(host.takeGeneratedPsk()).isEmpty();
        wiped(host);
        wiped(controller);
    }

    private static void wiped(Transaction transaction) {
        assertThat(transaction.secrets.kept())
                .isNotEmpty()
                .allSatisfy(secret -> assertThat(secret).containsOnly(0));
    }

    @ParameterizedTest
    @MethodSource("everyExchange")
    @Covers("Both sides generate the same PSK of the exchange and the challenges")
    void secureChannelsGetTheSameKeyOnBothSides(DhChapHash hash, boolean both) {
        DhChapAlgorithms algorithms = EXCHANGE.withHashes(hash);
        HostTransaction host = host(parameters(
                algorithms, SecureChannel.NEW_TLS_PSK, both ? Optional.of(CONTROLLER_SECRET) : Optional.empty()));
        ControllerTransaction controller =
                controller(parameters(algorithms, SecureChannel.NEW_TLS_PSK, Optional.of(CONTROLLER_SECRET)));
        run(host, controller);
        byte[] key = host.takeGeneratedPsk().orElseThrow();
        assertThat(key)
                .hasSize(hash.length())
                .isEqualTo(controller.takeGeneratedPsk().orElseThrow());
        assertThat(key).isNotEqualTo(new byte[hash.length()]);
        assertThat(host.takeGeneratedPsk()).isEmpty();
    }

    static Stream<Arguments> everyExchange() {
        return Stream.of(DhChapHash.values())
                .flatMap(hash -> Stream.of(false, true).map(both -> Arguments.of(hash, both)));
    }

    @Test
    void keysThatNobodyTookAreOverwritten() {
        HostTransaction host = host(parameters(EXCHANGE, SecureChannel.NEW_TLS_PSK, Optional.empty()));
        ControllerTransaction controller =
                controller(parameters(EXCHANGE, SecureChannel.NEW_TLS_PSK, Optional.empty()));
        run(host, controller);
        host.close();
        controller.close();
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        assertThat(host.takeGeneratedPsk()).isEmpty();
        assertThat(controller.takeGeneratedPsk()).isEmpty();
    }

    @Test
    @Covers("The controller takes the first of its hashes and groups that the host offers")
    void theControllersPreferenceCounts() {
        ControllerTransaction controller = controller(oneWay(new DhChapAlgorithms(
                List.of(DhChapHash.SHA_512, DhChapHash.SHA_256), List.of(DhGroup.FFDHE2048, DhGroup.NULL))));
        send(controller, negotiate(0, List.of(0x77, 1, 3), List.of(0, 0x66, 1)));
        DhChapChallenge challenge = (DhChapChallenge) controller.next();
        assertThat(challenge.hash()).isEqualTo(3);
        assertThat(challenge.group()).isEqualTo(1);
        controller.close();
        assertThat(controller.state()).isEqualTo(TransactionState.FAILED);
    }

    private static AuthNegotiate negotiate(int channel, List<Integer> hashes, List<Integer> groups) {
        return new AuthNegotiate(
                5, channel, List.of(new AuthNegotiate.Protocol(AuthNegotiate.DH_HMAC_CHAP, hashes, groups)));
    }

    private static void refuses(ControllerTransaction controller, AuthenticationFailure failure) {
        assertThat(controller.state()).isEqualTo(TransactionState.FAILED);
        assertThat(controller.failure()).hasValueSatisfying(how -> {
            assertThat(how.explanation()).isEqualTo(failure.explanation());
            assertThat(how.fromPeer()).isFalse();
        });
        assertThat(controller.next()).isInstanceOfSatisfying(AuthFailure.class, message -> {
            assertThat(message.fromHost()).isFalse();
            assertThat(message.failure()).contains(failure);
        });
        assertThat(controller.secrets.kept())
                .allSatisfy(secret -> assertThat(secret).containsOnly(0));
    }

    private static void refuses(
            HostTransaction host, Optional<AuthenticationMessage> answer, AuthenticationFailure failure) {
        assertThat(host.state()).isEqualTo(TransactionState.FAILED);
        assertThat(host.failure())
                .hasValueSatisfying(how -> assertThat(how.fromPeer()).isFalse());
        assertThat(answer).contains(AuthFailure.ofHost(host.begin().transactionId(), failure));
        assertThat(host.secrets.kept()).allSatisfy(secret -> assertThat(secret).containsOnly(0));
        assertThat(send(host, new DhChapSuccess1(0, false, Octets.zeroes(32)))).isEmpty();
        assertThat(host.state()).isEqualTo(TransactionState.FAILED);
    }

    @Test
    @Covers("An offer without a protocol, hash or group that is allowed is answered with its reason")
    void offersThatAreOfNoUseAreAnsweredWithTheirFailure() {
        refusesOffer(negotiate(2, List.of(1), List.of(0)), AuthenticationFailure.SECURE_CHANNEL_MISMATCH);
        refusesOffer(negotiate(0xEE, List.of(1), List.of(0)), AuthenticationFailure.SECURE_CHANNEL_MISMATCH);
        refusesOffer(new AuthNegotiate(5, 0, List.of()), AuthenticationFailure.PROTOCOL_NOT_USABLE);
        refusesOffer(
                new AuthNegotiate(5, 0, List.of(new AuthNegotiate.Protocol(9, List.of(), List.of()))),
                AuthenticationFailure.PROTOCOL_NOT_USABLE);
        refusesOffer(negotiate(0, List.of(2, 0x77), List.of(0)), AuthenticationFailure.HASH_NOT_USABLE);
        refusesOffer(negotiate(0, List.of(), List.of(0)), AuthenticationFailure.HASH_NOT_USABLE);
        refusesOffer(negotiate(0, List.of(1), List.of(1, 0x66)), AuthenticationFailure.GROUP_NOT_USABLE);
        refusesOffer(negotiate(0, List.of(1), List.of()), AuthenticationFailure.GROUP_NOT_USABLE);
        refusesOffer(EXCHANGE, negotiate(0, List.of(1), List.of(0)), AuthenticationFailure.GROUP_NOT_USABLE);
        refusesOffer(EXCHANGE, negotiate(0, List.of(1), List.of(2)), AuthenticationFailure.GROUP_NOT_USABLE);
    }

    private void refusesOffer(AuthNegotiate offer, AuthenticationFailure failure) {
        refusesOffer(PLAIN, offer, failure);
    }

    private void refusesOffer(DhChapAlgorithms allowed, AuthNegotiate offer, AuthenticationFailure failure) {
        ControllerTransaction controller = controller(oneWay(allowed));
        send(controller, offer);
        refuses(controller, failure);
    }

    @Test
    @Covers("It needs an exchange and a challenge of the host")
    void secureChannelsNeedAnExchange() {
        ControllerTransaction controller = controller(parameters(PLAIN, SecureChannel.NEW_TLS_PSK, Optional.empty()));
        send(controller, negotiate(2, List.of(1), List.of(0)));
        refuses(controller, AuthenticationFailure.GROUP_NOT_USABLE);
    }

    /** A controller that waits for the reply, what it has sent, and a right reply. */
    private record Replying(ControllerTransaction controller, DhChapChallenge challenge, DhChapReply reply) {}

    private Replying replying(DhChapParameters hosts, DhChapParameters controllers) {
        HostTransaction host = host(hosts);
        ControllerTransaction controller = controller(controllers);
        send(controller, host.begin());
        DhChapChallenge challenge = (DhChapChallenge) controller.next();
        return new Replying(
                controller, challenge, (DhChapReply) send(host, challenge).orElseThrow());
    }

    private Replying replying(boolean both, DhChapAlgorithms algorithms) {
        return replying(both ? bothWays(algorithms) : oneWay(algorithms), bothWays(algorithms));
    }

    private static void refusesReply(Replying replying, AuthenticationMessage reply, AuthenticationFailure failure) {
        send(replying.controller(), reply);
        refuses(replying.controller(), failure);
    }

    @Test
    @Covers("A reply of another transaction, to another sequence number or with another secret is refused")
    void repliesOfAnotherTransactionAreRefused() {
        Replying earlier = replying(false, PLAIN);
        Replying later = replying(false, PLAIN);
        DhChapReply replayed = earlier.reply();
        refusesReply(later, replayed, AuthenticationFailure.INCORRECT_PAYLOAD);
        later = replying(false, PLAIN);
        refusesReply(
                later,
                new DhChapReply(
                        later.challenge().transactionId(),
                        false,
                        replayed.sequenceNumber(),
                        replayed.response(),
                        replayed.challenge(),
                        replayed.publicValue()),
                AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    @Covers("A reply of another transaction, to another sequence number or with another secret is refused")
    void aResponseToAnotherSequenceNumberIsRefused() {
        HostTransaction host = host(oneWay(PLAIN));
        ControllerTransaction controller = controller(oneWay(PLAIN));
        send(controller, host.begin());
        DhChapChallenge sent = (DhChapChallenge) controller.next();
        DhChapChallenge changed = new DhChapChallenge(
                sent.transactionId(), 1, 0, sent.sequenceNumber() ^ 0x10, sent.challenge(), Octets.empty());
        send(controller, send(host, changed).orElseThrow());
        refuses(controller, AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    @Covers("A reply of another transaction, to another sequence number or with another secret is refused")
    void anotherSecretIsRefused() {
        DhChapParameters wrong = new DhChapParameters(
                HOST_NQN,
                SUBSYSTEM_NQN,
                DhChapSecret.random(DhChapHash.SHA_256),
                Optional.empty(),
                PLAIN,
                SecureChannel.NONE);
        Replying replying = replying(wrong, oneWay(PLAIN));
        refusesReply(replying, replying.reply(), AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    @Covers("A message out of order is an incorrect message, one of another length an incorrect payload")
    void repliesWithOtherLengthsAreRefused() {
        Replying plain = replying(false, PLAIN);
        DhChapReply reply = plain.reply();
        refusesReply(
                plain,
                new DhChapReply(reply.transactionId(), false, 1, Octets.zeroes(48), Octets.zeroes(48), Octets.empty()),
                AuthenticationFailure.INCORRECT_PAYLOAD);
        plain = replying(false, PLAIN);
        reply = plain.reply();
        refusesReply(
                plain,
                new DhChapReply(
                        reply.transactionId(), false, 1, reply.response(), Octets.zeroes(32), Octets.zeroes(256)),
                AuthenticationFailure.INCORRECT_PAYLOAD);
        Replying exchange = replying(false, EXCHANGE);
        reply = exchange.reply();
        refusesReply(
                exchange,
                new DhChapReply(reply.transactionId(), false, 1, reply.response(), Octets.zeroes(32), Octets.empty()),
                AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    @Covers("A message out of order is an incorrect message, one of another length an incorrect payload")
    void shortAndLongMessagesAreRefused() {
        for (int more : new int[] {-1, 1}) {
            Replying replying = replying(false, PLAIN);
            ByteBuf buffer = bytes(replying.reply()).writeZero(1);
            replying.controller().receive(buffer, 3, replying.reply().length() + more);
            refuses(replying.controller(), AuthenticationFailure.INCORRECT_PAYLOAD);

            ControllerTransaction controller = controller(oneWay(PLAIN));
            AuthNegotiate offer = negotiate(0, List.of(1), List.of(0));
            controller.receive(bytes(offer).writeZero(1), 3, offer.length() + more);
            assertThat(controller.failure()).isPresent();
            assertThat(controller.next())
                    .isEqualTo(AuthFailure.ofController(5, AuthenticationFailure.INCORRECT_PAYLOAD));
        }
        ControllerTransaction controller = controller(oneWay(PLAIN));
        controller.receive(Unpooled.EMPTY_BUFFER, 0, 0);
        refuses(controller, AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    @Covers("Public values that are out of range are refused")
    void publicValuesOutOfRangeAreRefused() {
        Replying replying = replying(false, EXCHANGE);
        DhChapReply reply = replying.reply();
        refusesReply(
                replying,
                new DhChapReply(
                        reply.transactionId(), false, 1, reply.response(), Octets.zeroes(32), Octets.zeroes(256)),
                AuthenticationFailure.INCORRECT_PAYLOAD);
        HostTransaction host = host(oneWay(EXCHANGE));
        int id = host.begin().transactionId();
        refuses(
                host,
                send(host, new DhChapChallenge(id, 1, 1, 9, Octets.zeroes(32), Octets.zeroes(256))),
                AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    @Covers("A challenge that comes back is not answered")
    void ourOwnChallengeIsNotAnswered() {
        Replying replying = replying(true, PLAIN);
        DhChapReply reply = replying.reply();
        refusesReply(
                replying,
                new DhChapReply(
                        reply.transactionId(),
                        true,
                        reply.sequenceNumber(),
                        reply.response(),
                        replying.challenge().challenge(),
                        Octets.empty()),
                AuthenticationFailure.AUTHENTICATION_FAILED);
        HostTransaction host = host(bothWays(PLAIN));
        int id = host.begin().transactionId();
        refuses(
                host,
                send(host, new DhChapChallenge(id, 1, 0, 9, reply.challenge(), Octets.empty())),
                AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    void aChallengeOfTheHostNeedsASequenceNumberAndASecretOfTheController() {
        Replying replying = replying(true, PLAIN);
        DhChapReply reply = replying.reply();
        refusesReply(
                replying,
                new DhChapReply(reply.transactionId(), true, 0, reply.response(), reply.challenge(), Octets.empty()),
                AuthenticationFailure.INCORRECT_PAYLOAD);
        replying = replying(bothWays(PLAIN), oneWay(PLAIN));
        refusesReply(replying, replying.reply(), AuthenticationFailure.AUTHENTICATION_FAILED);
    }

    @Test
    @Covers("It needs an exchange and a challenge of the host")
    void secureChannelsNeedAChallengeOfTheHost() {
        DhChapParameters parameters = parameters(EXCHANGE, SecureChannel.NEW_TLS_PSK, Optional.empty());
        Replying replying = replying(parameters, parameters);
        DhChapReply reply = replying.reply();
        assertThat(reply.challengeValid()).isTrue();
        assertThat(reply.sequenceNumber()).isZero();
        refusesReply(
                replying,
                new DhChapReply(
                        reply.transactionId(), false, 0, reply.response(), Octets.zeroes(32), reply.publicValue()),
                AuthenticationFailure.INCORRECT_PAYLOAD);
        assertThat(replying.controller().takeGeneratedPsk()).isEmpty();
    }

    /** Each message that hosts and controllers know, and some that they do not. */
    private static List<AuthenticationMessage> all(int id) {
        return List.of(
                new AuthNegotiate(id, 0, List.of()),
                new DhChapChallenge(id, 1, 0, 9, Octets.zeroes(32), Octets.empty()),
                new DhChapReply(id, false, 9, Octets.zeroes(32), Octets.zeroes(32), Octets.empty()),
                new DhChapSuccess1(id, false, Octets.zeroes(32)),
                new DhChapSuccess2(id),
                AuthFailure.ofHost(id, AuthenticationFailure.HASH_NOT_USABLE),
                AuthFailure.ofController(id, AuthenticationFailure.HASH_NOT_USABLE),
                new UnknownMessage(0, 9, id),
                new UnknownMessage(1, 9, id),
                new UnknownMessage(7, 2, id));
    }

    @Test
    @Covers("A message out of order is an incorrect message, one of another length an incorrect payload")
    void messagesOutOfOrderAreRefusedByTheController() {
        for (int i = 0; i < all(0).size(); i++) {
            AuthenticationMessage first = all(5).get(i);
            if (!(first instanceof AuthNegotiate)) {
                ControllerTransaction controller = controller(oneWay(PLAIN));
                send(controller, first);
                refuses(controller, AuthenticationFailure.INCORRECT_MESSAGE);
            }
            Replying replying = replying(true, PLAIN);
            AuthenticationMessage second =
                    all(replying.challenge().transactionId()).get(i);
            if (!(second instanceof DhChapReply) && !(second instanceof AuthFailure refused && refused.fromHost())) {
                refusesReply(replying, second, AuthenticationFailure.INCORRECT_MESSAGE);
            }
            replying = replying(true, PLAIN);
            send(replying.controller(), replying.reply());
            assertThat(replying.controller().next()).isInstanceOf(DhChapSuccess1.class);
            assertThat(replying.controller().state()).isEqualTo(TransactionState.RUNNING);
            AuthenticationMessage third =
                    all(replying.challenge().transactionId()).get(i);
            if (!(third instanceof DhChapSuccess2) && !(third instanceof AuthFailure refused && refused.fromHost())) {
                refusesReply(replying, third, AuthenticationFailure.INCORRECT_MESSAGE);
            }
        }
    }

    @Test
    void messagesThatComeWhereOneWasToBeReceivedAreRefused() {
        ControllerTransaction controller = controller(oneWay(PLAIN));
        AuthNegotiate offer = negotiate(0, List.of(1), List.of(0));
        send(controller, offer);
        send(controller, offer);
        refuses(controller, AuthenticationFailure.INCORRECT_MESSAGE);
        Replying replying = replying(false, PLAIN);
        send(replying.controller(), replying.reply());
        refusesReply(replying, replying.reply(), AuthenticationFailure.INCORRECT_MESSAGE);
    }

    @Test
    void askingForAMessageWhereOneWasToBeSentIsRefused() {
        ControllerTransaction controller = controller(oneWay(PLAIN));
        assertThat(controller.next()).isEqualTo(AuthFailure.ofController(0, AuthenticationFailure.INCORRECT_MESSAGE));
        assertThat(controller.state()).isEqualTo(TransactionState.FAILED);
        Replying replying = replying(false, PLAIN);
        assertThat(replying.controller().next())
                .isEqualTo(AuthFailure.ofController(
                        replying.challenge().transactionId(), AuthenticationFailure.INCORRECT_MESSAGE));
        assertThat(replying.controller().failure()).isPresent();
    }

    @Test
    @Covers("A message out of order is an incorrect message, one of another length an incorrect payload")
    void messagesOutOfOrderAreRefusedByTheHost() {
        for (int i = 0; i < all(0).size(); i++) {
            HostTransaction host = host(oneWay(PLAIN));
            AuthenticationMessage first = all(host.begin().transactionId()).get(i);
            boolean ends = first instanceof AuthFailure refused && !refused.fromHost();
            if (!(first instanceof DhChapChallenge) && !ends) {
                refuses(host, send(host, first), AuthenticationFailure.INCORRECT_MESSAGE);
            }
            host = host(oneWay(PLAIN));
            int id = host.begin().transactionId();
            send(host, challenge(id));
            AuthenticationMessage second = all(id).get(i);
            if (!(second instanceof DhChapSuccess1) && !ends) {
                refuses(host, send(host, second), AuthenticationFailure.INCORRECT_MESSAGE);
            }
        }
    }

    private static DhChapChallenge challenge(int id) {
        return new DhChapChallenge(id, 1, 0, 9, Octets.of(DhChapTest.counting(1, 32)), Octets.empty());
    }

    @Test
    void challengesThatWereNotAskedForAreRefused() {
        refusesChallenge(2, 0, 9, 48, AuthenticationFailure.HASH_NOT_USABLE);
        refusesChallenge(0x77, 0, 9, 20, AuthenticationFailure.HASH_NOT_USABLE);
        refusesChallenge(1, 0x66, 9, 32, AuthenticationFailure.GROUP_NOT_USABLE);
        refusesChallenge(1, 0, 0, 32, AuthenticationFailure.INCORRECT_PAYLOAD);
        refusesChallenge(1, 0, 9, 31, AuthenticationFailure.INCORRECT_PAYLOAD);
        HostTransaction host = host(oneWay(PLAIN));
        refuses(host, send(host, challenge(host.begin().transactionId() ^ 1)), AuthenticationFailure.INCORRECT_PAYLOAD);
        host = host(oneWay(PLAIN));
        refuses(host, host.receive(Unpooled.buffer().writeZero(3), 0, 4096), AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    @Test
    void aGroupThatIsKnownAndWasNotOfferedIsRefused() {
        HostTransaction host = host(oneWay(PLAIN));
        DhChapChallenge challenge = new DhChapChallenge(
                host.begin().transactionId(),
                1,
                DhGroup.FFDHE2048.value(),
                9,
                Octets.of(DhChapTest.counting(1, 32)),
                Octets.of(DhChapTest.counting(1, DhGroup.FFDHE2048.length())));
        refuses(host, send(host, challenge), AuthenticationFailure.GROUP_NOT_USABLE);
    }

    @Test
    void secureChannelsAreNotMadeWithoutTheExchangeThatWasOffered() {
        HostTransaction host = host(parameters(
                EXCHANGE.withGroups(DhGroup.FFDHE2048, DhGroup.NULL), SecureChannel.NEW_TLS_PSK, Optional.empty()));
        int id = host.begin().transactionId();
        refuses(host, send(host, challenge(id)), AuthenticationFailure.GROUP_NOT_USABLE);
    }

    private void refusesChallenge(int hash, int group, long number, int length, AuthenticationFailure failure) {
        HostTransaction host = host(oneWay(PLAIN));
        int id = host.begin().transactionId();
        refuses(
                host,
                send(
                        host,
                        new DhChapChallenge(
                                id, hash, group, number, Octets.of(DhChapTest.counting(1, length)), Octets.empty())),
                failure);
    }

    @Test
    @Covers("A controller that was asked to prove itself and does not is refused")
    void controllersThatDoNotProveThemselvesAreRefused() {
        refusesSuccess(true, true, 32, AuthenticationFailure.AUTHENTICATION_FAILED);
        refusesSuccess(true, false, 32, AuthenticationFailure.AUTHENTICATION_FAILED);
        refusesSuccess(true, true, 48, AuthenticationFailure.INCORRECT_PAYLOAD);
        refusesSuccess(false, true, 32, AuthenticationFailure.INCORRECT_PAYLOAD);
        refusesSuccess(false, false, 0, AuthenticationFailure.INCORRECT_PAYLOAD);
    }

    private void refusesSuccess(boolean both, boolean valid, int length, AuthenticationFailure failure) {
        HostTransaction host = host(both ? bothWays(PLAIN) : oneWay(PLAIN));
        int id = host.begin().transactionId();
        send(host, challenge(id));
        refuses(host, send(host, new DhChapSuccess1(id, valid, Octets.zeroes(length))), failure);
    }

    @Test
    @Covers("A failure of the other side ends the transaction with its reason")
    void failuresOfTheOtherSideEndTheTransaction() {
        HostTransaction host = host(oneWay(PLAIN));
        int id = host.begin().transactionId();
        assertThat(send(host, new AuthFailure(id, false, 1, 0xEE))).isEmpty();
        assertThat(host.state()).isEqualTo(TransactionState.FAILED);
        assertThat(host.failure()).contains(new TransactionFailure(1, 0xEE, true, "a reason without a name"));

        Replying replying = replying(true, PLAIN);
        send(replying.controller(), replying.reply());
        replying.controller().next();
        send(
                replying.controller(),
                AuthFailure.ofHost(replying.challenge().transactionId(), AuthenticationFailure.AUTHENTICATION_FAILED));
        assertThat(replying.controller().state()).isEqualTo(TransactionState.FAILED);
        assertThat(replying.controller().failure())
                .contains(new TransactionFailure(1, 1, true, "authentication failed"));
    }

    /** The host of one-way authentication may still not like the last message. */
    @Test
    void aFailureAfterSuccessCounts() {
        Replying replying = replying(false, PLAIN);
        send(replying.controller(), replying.reply());
        replying.controller().next();
        assertThat(replying.controller().state()).isEqualTo(TransactionState.AUTHENTICATED);
        send(
                replying.controller(),
                AuthFailure.ofHost(replying.challenge().transactionId(), AuthenticationFailure.INCORRECT_PAYLOAD));
        assertThat(replying.controller().state()).isEqualTo(TransactionState.FAILED);
    }

    @Test
    @Covers("Whatever the bytes are, they are read or refused, and the transaction ends")
    void garbageEndsTheTransactionAndNothingElse() {
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            if (garbage.length > 1) {
                garbage[0] = (byte) random.nextInt(2);
                garbage[1] = (byte) random.nextInt(6);
            }
            ControllerTransaction controller = controller(oneWay(PLAIN));
            controller.receive(Unpooled.wrappedBuffer(garbage), 0, garbage.length);
            assertThat(controller.next()).isInstanceOf(AuthFailure.class);
            assertThat(controller.state()).isEqualTo(TransactionState.FAILED);
            HostTransaction host = host(oneWay(PLAIN));
            host.receive(Unpooled.wrappedBuffer(garbage), 0, garbage.length);
            assertThat(host.state()).isEqualTo(TransactionState.FAILED);
        }
    }

    @Test
    void parametersShowNoSecret() {
        assertThat(bothWays(PLAIN).toString())
                .doesNotContain(new String(HOST_SECRET.format()).substring(10, 40))
                .contains("DH-HMAC-CHAP secret");
    }
}
