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

import io.netty.buffer.Unpooled;
import io.nvmf.security.ConfiguredPsk;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.HkdfLabelForm;
import io.nvmf.security.PskHash;
import io.nvmf.security.Security;
import io.nvmf.security.TlsPsk;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.dhchap.HostTransaction;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.security.psk.InputPsk;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.TransportType;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapHash;
import io.nvmf.spec.auth.DhGroup;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Connections over TLS: with which keys, for whom, and how an authentication makes one. */
class TargetSecureChannelTest {

    private static final ConfiguredPsk KEY = ConfiguredPsk.generate(PskHash.SHA_384);
    private static final DhChapSecret SECRET = DhChapSecret.random(DhChapHash.SHA_256);
    private static final DhChapAlgorithms EXCHANGE =
            new DhChapAlgorithms(List.of(DhChapHash.SHA_512, DhChapHash.SHA_256), List.of(DhGroup.FFDHE2048));
    private static final Security CONCATENATED =
            Security.none().hostSecret(SECRET).algorithms(EXCHANGE).concatenation();

    private final Freshness freshness = new Freshness();
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final LoopTransport loop = new LoopTransport();
    private final TlsLoopTransport transport = new TlsLoopTransport(loop);
    private @Nullable TargetFixture running;

    @AfterEach
    void close() {
        if (running != null) {
            running.close();
        }
    }

    private TargetFixture target(Security security) {
        TargetFixture started = TargetFixture.start(
                loop,
                transport,
                security,
                TargetOptions.DEFAULTS,
                time,
                SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(1 << 20, BLOCK)),
                SubsystemOptions.of(SUBSYSTEM + ":private").allowHosts(HOST + ":friend"));
        running = started;
        return started;
    }

    private static String identity(int version, String host, String subsystem) {
        try (InputPsk retained = InputPsk.retained(KEY, host, HkdfLabelForm.RFC_8446);
                TlsPsk key = retained.tlsPsk(version, host, subsystem)) {
            return key.identity();
        }
    }

    private TlsListening listening() {
        return Objects.requireNonNull(transport.listening);
    }

    // Configured keys

    @Test
    void theBestKeyIsChosenByAnIdentityThatIsRightForIt() {
        target(Security.none().tls(KEY));
        assertThat(listening().required()).isTrue();
        String newer = identity(1, HOST, SUBSYSTEM);
        String older = identity(0, HOST, SUBSYSTEM);
        assertThat(transport.choose("garbage", older, newer)).isEqualTo(newer);
        assertThat(transport.choose(older)).isEqualTo(older);
        assertThat(transport.choose(identity(1, HOST, Nqn.DISCOVERY))).isEqualTo(identity(1, HOST, Nqn.DISCOVERY));
        String wrongDigest = newer.substring(0, newer.length() - 1) + (newer.endsWith("A") ? 'B' : 'A');
        assertThat(transport.choose(wrongDigest)).isNull();
        assertThat(transport.choose(newer.replace("NVMe1R02", "NVMe1R01"))).isNull();
        assertThat(transport.choose(newer.replace("NVMe1R", "NVMe1G"))).isNull();
        assertThat(transport.choose()).isNull();
    }

    @Test
    void hostsThatAreNotAdmittedHaveNoKey() {
        target(Security.none().tls(KEY));
        assertThat(transport.choose(identity(1, HOST, SUBSYSTEM + ":private"))).isNull();
        assertThat(transport.choose(identity(1, HOST, SUBSYSTEM + ":unknown"))).isNull();
        assertThat(transport.choose(identity(1, HOST + ":friend", SUBSYSTEM + ":private")))
                .isNotNull();
    }

    @Test
    void aProviderThatHasNoKeyOrFailsHasNobodyComeIn() {
        target(Security.none()
                .tls(request -> request.hostNqn().equals(HOST)
                        ? Mono.empty()
                        : Mono.error(new IllegalStateException("out of order"))));
        assertThat(transport.choose(identity(1, HOST, SUBSYSTEM))).isNull();
        assertThat(transport.choose(identity(1, HOST + ":other", SUBSYSTEM))).isNull();
    }

    @Test
    void nobodyLooksForTheKeyOfAConnectionThatIsGone() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        target(Security.none()
                .tls(request -> Mono.<char[]>never()
                        .doOnSubscribe(subscription -> asked.incrementAndGet())
                        .doOnCancel(cancelled::incrementAndGet)));
        List<String> offered = List.of(identity(1, HOST, SUBSYSTEM), identity(1, HOST + ":other", SUBSYSTEM));
        Disposable handshake = listening().keys().choose(offered).subscribe();
        Awaitility.await().until(() -> asked.get() == 1);
        handshake.dispose();
        Awaitility.await().until(() -> cancelled.get() == 1);
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(asked).hasValue(1);
    }

    @Test
    @Covers("Connect names the host and the subsystem that the key is of")
    void connectNamesWhomTheKeyIsOf() {
        TargetFixture target = target(Security.none().tls(KEY));
        transport.identity = identity(1, HOST, SUBSYSTEM);
        TargetFixture.Admin admin = target.admin();
        target.io(admin.controllerId(), 1, 0).succeed(RawCommand.read(0, 1, BLOCK));

        target.open(true)
                .refuse(
                        connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, SUBSYSTEM, HOST + ":other")),
                        StatusCode.CONNECT_INVALID_HOST,
                        true);
        target.open(true)
                .refuse(
                        connect(0, 32, 0, 0, connectData(HOST_ID, 0xFFFF, Nqn.DISCOVERY, HOST)),
                        StatusCode.CONNECT_INVALID_PARAMETERS,
                        true);
        for (String other : new @Nullable String[] {
            null,
            "",
            "garbage",
            identity(1, HOST + ":other", SUBSYSTEM),
            identity(1, HOST, SUBSYSTEM).replace("NVMe1R", "NVMe1G")
        }) {
            transport.identity = other;
            target.open(true).refuse(connectAdmin(0), StatusCode.CONNECT_INVALID_HOST, true);
            target.open(false).refuse(connectIo(2, admin.controllerId(), 16, 0), StatusCode.CONNECT_INVALID_HOST, true);
        }
    }

    @Test
    void aHostOverTlsProvesItselfWhereThatIsAskedForToo() {
        TargetFixture target =
                target(Security.none().tls(KEY).hostSecret(SECRET).algorithms(EXCHANGE));
        transport.identity = identity(1, HOST, SUBSYSTEM);
        RawQueue queue = target.open(true);
        ConnectResponse response =
                ConnectResponse.decode(queue.succeed(connectAdmin(0)).dw0());
        assertThat(response.authenticationRequired()).isTrue();
        assertThat(response.secureChannelRequired()).isFalse();
        assertThat(authenticate(queue, SecureChannel.NONE).state()).isEqualTo(TransactionState.AUTHENTICATED);
        queue.succeed(enable());
    }

    @Test
    @Covers("The target tells of TLS, and a client goes where an entry requires it with TLS only")
    void discoveryTellsOfTls() {
        TargetFixture target = target(Security.none().tls(KEY));
        assertThat(target.server.discoveryEntries(HOST, null))
                .isNotEmpty()
                .allMatch(DiscoveryLogEntry::secureChannelRequired);
    }

    @Test
    void discoveryOverTcpTellsOfTheKindOfTls() {
        for (Security security : List.of(Security.none(), Security.none().tls(KEY), CONCATENATED)) {
            ListenAddress here = new ListenAddress(TransportType.TCP, TransportAddress.of("127.0.0.1", 4420));
            DiscoveryLogEntry entry = new DiscoveryEntries(new TargetParameters(
                            List.of(here),
                            TransportRegistry.empty(),
                            TransportOptions.none(),
                            null,
                            List.of(SubsystemOptions.of(SUBSYSTEM)),
                            TargetOptions.DEFAULTS,
                            security,
                            time))
                    .of(HOST, null, List.of(here))
                    .get(0);
            boolean tls = security != Security.none();
            assertThat(entry.transportSpecific())
                    .isEqualTo(new DiscoveryLogEntry.Tcp(
                            tls ? DiscoveryLogEntry.Tcp.TLS_1_3 : DiscoveryLogEntry.Tcp.NONE));
            assertThat(entry.transportRequirements() & 3)
                    .isEqualTo(
                            security == CONCATENATED
                                    ? DiscoveryLogEntry.TREQ_SECURE_CHANNEL_NOT_REQUIRED
                                    : tls ? DiscoveryLogEntry.TREQ_SECURE_CHANNEL_REQUIRED : 0);
        }
    }

    // Keys that authentications make

    private HostTransaction authenticate(RawQueue queue, SecureChannel channel) {
        HostTransaction host = new HostTransaction(
                new DhChapParameters(HOST, SUBSYSTEM, SECRET, Optional.empty(), EXCHANGE, channel), freshness);
        Optional<? extends AuthenticationMessage> message = Optional.of(host.begin());
        while (message.isPresent()) {
            queue.succeed(RawCommand.authenticationSend(message.get()));
            message = Optional.empty();
            if (host.state() == TransactionState.RUNNING) {
                RawCommand receive = RawCommand.authenticationReceive(AuthenticationMessage.BUFFER_LENGTH);
                queue.succeed(receive);
                byte[] data = receive.received();
                message = host.receive(Unpooled.wrappedBuffer(data), 0, data.length);
            }
        }
        return host;
    }

    /** Authenticates on a connection without TLS; gives the identity of the key. */
    private String makeKey(TargetFixture target, int version) {
        transport.identity = null;
        RawQueue queue = target.open(true);
        ConnectResponse response =
                ConnectResponse.decode(queue.succeed(connectAdmin(0)).dw0());
        assertThat(response.authenticationRequired()).isTrue();
        assertThat(response.secureChannelRequired()).isTrue();
        String made = generated(authenticate(queue, SecureChannel.NEW_TLS_PSK), version);
        queue.refuse(enable(), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0), StatusCode.AUTHENTICATION_REQUIRED, true);
        queue.refuse(
                RawCommand.authenticationReceive(AuthenticationMessage.BUFFER_LENGTH),
                StatusCode.COMMAND_SEQUENCE_ERROR,
                false);
        queue.close();
        return made;
    }

    private static String generated(HostTransaction host, int version) {
        assertThat(host.state()).isEqualTo(TransactionState.AUTHENTICATED);
        byte[] psk = host.takeGeneratedPsk().orElseThrow();
        try (InputPsk input = InputPsk.generated(PskHash.SHA_256, psk);
                TlsPsk key = input.tlsPsk(version, HOST, SUBSYSTEM)) {
            return key.identity();
        }
    }

    @Test
    void aKeyThatAnAuthenticationMadeIsProofOnEveryQueueOverTls() {
        TargetFixture target = target(CONCATENATED);
        assertThat(listening().required()).isFalse();
        String key = makeKey(target, 1);
        assertThat(transport.choose("garbage", key)).isEqualTo(key);
        transport.identity = key;
        RawQueue queue = target.open(true);
        ResponseCapsule response = queue.succeed(connectAdmin(0));
        assertThat(ConnectResponse.decode(response.dw0()).authenticationRequired())
                .isFalse();
        assertThat(ConnectResponse.decode(response.dw0()).secureChannelRequired())
                .isFalse();
        queue.succeed(enable());
        target.io(response.dw0() & 0xFFFF, 1, 0).succeed(RawCommand.read(0, 1, BLOCK));
        String older = makeKey(target, 0);
        assertThat(transport.choose(older)).isEqualTo(older);
    }

    @Test
    @Covers("A connection without TLS is for the key only; all queues that follow are over TLS with it")
    void aConnectionWithoutTlsIsForTheKeyOnly() {
        TargetFixture target = target(CONCATENATED);
        transport.identity = makeKey(target, 1);
        TargetFixture.Admin admin = target.admin();
        transport.identity = null;
        target.open(false).refuse(connectIo(1, admin.controllerId(), 16, 0), StatusCode.CONNECT_INVALID_HOST, true);

        RawQueue without = target.open(true);
        without.succeed(connectAdmin(0));
        HostTransaction host = authenticate(without, SecureChannel.NONE);
        assertThat(host.failure().map(TransactionFailure::explanation))
                .contains(AuthenticationFailure.SECURE_CHANNEL_MISMATCH.explanation());
        assertThat(without.termination()).isInstanceOf(Termination.Closed.class);

        RawQueue idle = target.open(true);
        idle.succeed(connectAdmin(0));
        time.advanceTimeBy(Duration.ofSeconds(5));
        authenticateDelayed(idle);
        time.advanceTimeBy(TargetOptions.DEFAULT_CONNECT_TIMEOUT);
        assertThat(idle.termination()).isInstanceOf(Termination.Closed.class);
        admin.queue().succeed(RawCommand.identify(1, 0));
    }

    /** The failure before has this one wait. */
    private void authenticateDelayed(RawQueue queue) {
        HostTransaction host = new HostTransaction(
                new DhChapParameters(HOST, SUBSYSTEM, SECRET, Optional.empty(), EXCHANGE, SecureChannel.NEW_TLS_PSK),
                freshness);
        queue.send(RawCommand.authenticationSend(host.begin()));
        assertThat(queue.run(RawCommand.opcode(AdminOpcode.KEEP_ALIVE, 0))
                        .status()
                        .isSuccess())
                .isFalse();
    }

    @Test
    void keysThatNobodyUsesAreForgotten() {
        TargetFixture target = target(CONCATENATED);
        String unused = makeKey(target, 1);
        String used = makeKey(target, 1);
        transport.identity = used;
        TargetFixture.Admin admin = target.admin();
        time.advanceTimeBy(Duration.ofMinutes(2));
        assertThat(transport.choose(unused)).isNull();
        assertThat(transport.choose(used)).isEqualTo(used);
        transport.identity = unused;
        target.open(true).refuse(connectAdmin(0), StatusCode.CONNECT_INVALID_HOST, true);
        admin.queue().close();
        Awaitility.await().until(() -> transport.choose(used) == null);
    }

    @Test
    void aLaterAuthenticationMakesAnotherKey() {
        TargetFixture target = target(CONCATENATED);
        transport.identity = makeKey(target, 1);
        TargetFixture.Admin admin = target.admin();
        authenticate(admin.queue(), SecureChannel.NONE);
        String next = generated(authenticate(admin.queue(), SecureChannel.REPLACE_TLS_PSK), 1);
        assertThat(transport.choose(next)).isEqualTo(next);
        admin.queue().succeed(RawCommand.identify(1, 0));
    }
}
