package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.nvmf.security.TlsPsk;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.tcp.testing.Relay;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.tcp.tls.TlsException;
import io.nvmf.tcp.tls.TlsHandler;
import io.nvmf.tcp.tls.TlsListener;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TlsKeyChooser;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A controller that listens for TLS: whom it lets in, whom not, and how long it waits. */
class TlsListenTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(400);

    private final Gate gate = new Gate();
    private @Nullable TransportListener listener;

    /** Counts as targets do. */
    private static final class Gate implements ConnectionGate {

        final AtomicInteger connected = new AtomicInteger();
        final Set<ControllerQueuePair> open = ConcurrentHashMap.newKeySet();

        /** Without a lock, for which event loops would have to wait. */
        final Queue<ControllerQueuePair> accepted = new ConcurrentLinkedQueue<>();

        volatile boolean shut;

        @Override
        public boolean connected(ControllerQueuePair queuePair, @Nullable InetAddress remote) {
            connected.incrementAndGet();
            assertThat(queuePair.tlsIdentity()).isNull();
            if (shut) {
                return false;
            }
            return open.add(queuePair);
        }

        @Override
        public void disconnected(ControllerQueuePair queuePair) {
            assertThat(open.remove(queuePair)).isTrue();
        }

        @Override
        public void accept(ControllerQueuePair queuePair) {
            assertThat(open).contains(queuePair);
            queuePair.commands().subscribe();
            accepted.add(queuePair);
        }

        ControllerQueuePair next() {
            Awaitility.await().atMost(PATIENCE).until(() -> !accepted.isEmpty());
            return accepted.remove();
        }

        void awaitNoneOpen() {
            Awaitility.await().atMost(PATIENCE).until(open::isEmpty);
        }
    }

    private int listen(boolean required, TlsKeyChooser keys, Duration limit) {
        TransportListener bound = new TcpTransportProvider()
                .listen(
                        TransportAddress.of("127.0.0.1", 0),
                        TransportOptions.none().with(TcpOptions.INITIALIZATION_TIMEOUT, limit),
                        new TlsListening(required, keys),
                        gate)
                .block(PATIENCE);
        listener = bound;
        return bound.address().port();
    }

    @AfterEach
    void close() {
        if (listener != null) {
            listener.close().block(PATIENCE);
        }
        Flux.fromIterable(gate.open).flatMap(ControllerQueuePair::close).blockLast(PATIENCE);
        gate.awaitNoneOpen();
    }

    private static HostQueuePairParameters parameters(int port) {
        return TestQueuePairs.parameters(TransportAddress.of("127.0.0.1", port), true, 8192)
                .connectTimeout(PATIENCE)
                .build();
    }

    private static Termination failure(Mono<HostQueuePair> connecting) {
        return connecting
                .map(connected -> new AssertionError("connected"))
                .cast(Throwable.class)
                .onErrorResume(Mono::just)
                .map(failure -> {
                    assertThat(failure).isInstanceOf(QueuePairTerminatedException.class);
                    return ((QueuePairTerminatedException) failure).termination();
                })
                .block(PATIENCE);
    }

    private static int alert(Termination end) {
        assertThat(end).isInstanceOf(Termination.IoFailure.class);
        Throwable cause = ((Termination.IoFailure) end).cause();
        assertThat(cause).isInstanceOf(TlsException.class);
        return ((TlsException) cause).alert();
    }

    private static Termination end(QueuePair queuePair) {
        return queuePair.termination().block(PATIENCE);
    }

    @Test
    void bothSidesKnowByWhichKeyTheyKnowEachOther() {
        int port = listen(true, OverTls::choose, PATIENCE);
        TlsPsk other = OverTls.key("NVMe1R02 nqn.a nqn.b digest", 3);
        HostQueuePair host =
                OverTls.connect(parameters(port), other, OverTls.key()).block(PATIENCE);
        ControllerQueuePair controller = gate.next();

        assertThat(host.tlsIdentity()).isEqualTo(OverTls.IDENTITY);
        assertThat(controller.tlsIdentity()).isEqualTo(OverTls.IDENTITY);
        assertThat(host.agreement()).endsWith("TLS 1.3");
        host.close().block(PATIENCE);
        assertThat(end(controller)).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
        assertThat(host.tlsIdentity()).isEqualTo(OverTls.IDENTITY);
        assertThat(controller.tlsIdentity()).isEqualTo(OverTls.IDENTITY);
    }

    @Test
    void onePortServesHostsWithAndWithoutWhereItMay() {
        int port = listen(false, OverTls::choose, PATIENCE);
        HostQueuePair plain =
                new TcpTransportProvider().connect(parameters(port)).block(PATIENCE);
        assertThat(gate.next().tlsIdentity()).isNull();
        HostQueuePair secure = OverTls.connect(parameters(port), OverTls.key()).block(PATIENCE);
        assertThat(gate.next().tlsIdentity()).isEqualTo(OverTls.IDENTITY);

        Mono.when(plain.close(), secure.close()).block(PATIENCE);
    }

    @Test
    @Covers("A side that is set to TLS does not do without")
    void aHostWithoutTlsIsNotLetIn() {
        int port = listen(true, OverTls::choose, PATIENCE);

        assertThat(failure(new TcpTransportProvider().connect(parameters(port))))
                .isInstanceOfAny(Termination.Closed.class, Termination.PeerReset.class);
        gate.awaitNoneOpen();
        assertThat(gate.accepted).isEmpty();
    }

    @Test
    @Covers("A side that is set to TLS does not do without")
    void aHostWithTlsIsToldThatThereIsNone() {
        listener = new TcpTransportProvider()
                .listen(TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), gate)
                .block(PATIENCE);

        Termination end = failure(OverTls.connect(parameters(listener.address().port()), OverTls.key()));
        assertThat(end).isInstanceOf(Termination.IoFailure.class);
        assertThat(((Termination.IoFailure) end).cause()).isInstanceOf(TlsException.class);
        assertThat(gate.accepted).isEmpty();
    }

    @Test
    void aHostWithAnotherKeyIsNotLetIn() {
        int port = listen(true, OverTls::choose, PATIENCE);

        assertThat(alert(failure(OverTls.connect(parameters(port), OverTls.key(OverTls.IDENTITY, 9)))))
                .isEqualTo(51);
        assertThat(alert(failure(OverTls.connect(parameters(port), OverTls.key("NVMe1R01 nqn.a nqn.b digest", 7)))))
                .isEqualTo(51);
        gate.awaitNoneOpen();
        assertThat(gate.accepted).isEmpty();
    }

    @Test
    void keysMayBeLookedForElsewhere() {
        int port = listen(false, identities -> OverTls.choose(identities).delayElement(SHORT), PATIENCE);
        HostQueuePair host = OverTls.connect(parameters(port), OverTls.key()).block(PATIENCE);

        assertThat(gate.next().tlsIdentity()).isEqualTo(OverTls.IDENTITY);
        host.close().block(PATIENCE);
    }

    @Test
    void aSearchForAKeyEndsWithItsConnection() {
        AtomicInteger searches = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        int port = listen(
                true,
                identities -> Mono.<TlsPsk>never()
                        .doOnSubscribe(search -> searches.incrementAndGet())
                        .doOnCancel(cancelled::incrementAndGet),
                SHORT);

        failure(OverTls.connect(parameters(port), OverTls.key()));

        gate.awaitNoneOpen();
        assertThat(searches).hasValue(1);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(cancelled).hasValue(1));
    }

    @Test
    void whoIsSlowOrSilentIsClosedInTime() {
        int port = listen(true, OverTls::choose, SHORT);
        try (FakePeer silent = FakePeer.connect(port);
                FakePeer begun = FakePeer.connect(port);
                FakePeer half = FakePeer.connect(port)) {
            begun.send(new byte[] {22, 3});
            half.send(Arrays.copyOf(new byte[] {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3, 3}, 200));

            silent.expectEnd();
            begun.expectEnd();
            half.expectEnd();
        }
        gate.awaitNoneOpen();
        assertThat(gate.connected).hasValue(3);
    }

    /** The time is that of TLS and the ICReq together. */
    @Test
    void whoSaysNothingAfterTlsIsClosedInTime() throws Exception {
        int port = listen(true, identities -> OverTls.choose(identities).delayElement(SHORT.dividedBy(2)), SHORT);
        CompletableFuture<String> secured = new CompletableFuture<>();
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            long start = System.nanoTime();
            Channel mute = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(TlsHandler.client(List.of(OverTls.key()), PATIENCE, new TlsListener() {
                        @Override
                        public void secured(String identity) {
                            secured.complete(identity);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            secured.completeExceptionally(failure);
                        }
                    }))
                    .connect("127.0.0.1", port)
                    .syncUninterruptibly()
                    .channel();

            assertThat(secured.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(OverTls.IDENTITY);
            assertThat(mute.closeFuture().awaitUninterruptibly(PATIENCE.toMillis()))
                    .isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        gate.awaitNoneOpen();
        assertThat(gate.accepted).isEmpty();
    }

    @Test
    void garbageIsNoConnection() {
        int port = listen(false, OverTls::choose, PATIENCE);
        byte[][] garbage = {
            {22, 3, 1, (byte) 0xFF, (byte) 0xFF},
            {22, 3, 1, 0, 4, 2, 0, 0, 0},
            TestPdu.of(0x7E, 128).bytes()
        };
        for (byte[] bytes : garbage) {
            try (FakePeer stranger = FakePeer.connect(port)) {
                stranger.send(bytes);
                if (bytes[0] != 22) {
                    assertThat(stranger.read(24)[0]).as("a termination request").isEqualTo((byte) 3);
                } else {
                    stranger.expectEnd();
                }
            }
        }
        gate.awaitNoneOpen();
        assertThat(gate.accepted).isEmpty();
    }

    @Test
    void aGateIsAskedBeforeAnythingIsRead() {
        gate.shut = true;
        AtomicInteger searches = new AtomicInteger();
        int port = listen(
                false,
                identities -> {
                    searches.incrementAndGet();
                    return Mono.empty();
                },
                PATIENCE);
        for (byte[] bytes :
                List.of(new byte[] {22, 3, 1}, TestPdu.icReq(0, 0, 0).bytes())) {
            try (FakePeer stranger = FakePeer.connect(port)) {
                stranger.send(bytes);
                stranger.expectEnd();
            }
        }
        assertThat(gate.connected).hasValue(2);
        assertThat(searches).hasValue(0);
    }

    @Test
    void aConnectionThatIsCutIsNotAnOrderlyEnd() {
        int port = listen(true, OverTls::choose, PATIENCE);
        try (Relay relay = Relay.to(port)) {
            HostQueuePair host =
                    OverTls.connect(parameters(relay.port()), OverTls.key()).block(PATIENCE);
            host.responses().subscribe();
            ControllerQueuePair controller = gate.next();

            relay.cut();

            for (QueuePair queuePair : List.of(host, controller)) {
                Termination end = end(queuePair);
                if (end instanceof Termination.IoFailure lost) {
                    assertThat(lost.cause()).isInstanceOf(TlsException.class).hasMessageContaining("close_notify");
                } else {
                    assertThat(end).isInstanceOf(Termination.PeerReset.class);
                }
            }
        }
    }

    @Test
    void manyConnectionsAtOnce() {
        int port = listen(true, OverTls::choose, PATIENCE);
        List<HostQueuePair> hosts = Flux.range(0, 100)
                .flatMap(i -> Mono.defer(() -> OverTls.connect(parameters(port), OverTls.key())), 100)
                .collectList()
                .block(PATIENCE);

        assertThat(hosts)
                .hasSize(100)
                .allSatisfy(host -> assertThat(host.tlsIdentity()).isEqualTo(OverTls.IDENTITY));
        for (int i = 0; i < 100; i++) {
            assertThat(gate.next().tlsIdentity()).isEqualTo(OverTls.IDENTITY);
        }
        Flux.fromIterable(hosts).flatMap(HostQueuePair::close).blockLast(PATIENCE);
    }
}
