package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.hamcrest.Matchers.is;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.security.TlsPsk;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.tcp.tls.TlsException;
import io.nvmf.tcp.tls.TlsHandler;
import io.nvmf.tcp.tls.TlsListener;
import io.nvmf.testing.Covers;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.netty.resources.LoopResources;

/** A host that connects over TLS: its steps, and what becomes of them when they fail, last too long or are given up. */
class TlsConnectTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int HELLO_HEADER = 5;

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final CompletableFuture<String> secured = new CompletableFuture<>();
    private final AtomicInteger open = new AtomicInteger();

    @BeforeEach
    void listenToDroppedErrors() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void noErrorWasDropped() {
        Hooks.resetOnErrorDropped();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        assertThat(dropped).isEmpty();
    }

    private static HostQueuePairParameters parameters(int port, Duration timeout) {
        return TestQueuePairs.parameters(TransportAddress.of("127.0.0.1", port), true, 8192)
                .connectTimeout(timeout)
                .build();
    }

    private static CompletableFuture<Throwable> failure(int port, Duration limit, TlsPsk... keys) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        OverTls.connect(parameters(port, limit), keys)
                .subscribe(
                        connected -> failure.completeExceptionally(new AssertionError("connected")), failure::complete);
        return failure;
    }

    private static Throwable reason(CompletableFuture<Throwable> failure) throws Exception {
        Throwable told = failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(told).isInstanceOf(QueuePairTerminatedException.class);
        Termination end = ((QueuePairTerminatedException) told).termination();
        assertThat(end).isInstanceOf(Termination.IoFailure.class);
        return ((Termination.IoFailure) end).cause();
    }

    private static int alert(CompletableFuture<Throwable> failure) throws Exception {
        Throwable reason = reason(failure);
        assertThat(reason).isInstanceOf(TlsException.class);
        return ((TlsException) reason).alert();
    }

    /** A whole record. */
    private static byte[] clientHello(FakePeer controller) {
        byte[] header = controller.read(HELLO_HEADER);
        assertThat(header[0]).isEqualTo((byte) 22);
        return controller.read((header[3] & 0xFF) << 8 | header[4] & 0xFF);
    }

    /** A server that has TLS with one key, and answers nothing that comes over it. */
    private int mute(TlsPsk known) {
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open.incrementAndGet();
                        channel.closeFuture().addListener(closed -> open.decrementAndGet());
                        channel.pipeline()
                                .addLast(TlsHandler.server(
                                        identity -> known.identity().equals(identity) ? known : null,
                                        PATIENCE,
                                        new TlsListener() {
                                            @Override
                                            public void secured(String identity) {
                                                secured.complete(identity);
                                            }

                                            @Override
                                            public void failed(Throwable failure) {
                                                // The host's business.
                                            }
                                        }))
                                .addLast(new ChannelInboundHandlerAdapter() {
                                    @Override
                                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                                        context.close();
                                    }

                                    @Override
                                    public void channelRead(ChannelHandlerContext context, Object message) {
                                        ReferenceCountUtil.release(message);
                                    }
                                });
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @Test
    @Covers("A side that is set to TLS does not do without")
    void withoutAKeyThereIsNothingToConnectWith() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TcpTransportProvider().connect(parameters(1, PATIENCE), List.of()))
                .withMessageContaining("key");
    }

    @Test
    void aKeyThatTheControllerHasNotIsRefused() throws Exception {
        int port = mute(OverTls.key());

        assertThat(alert(failure(port, PATIENCE, OverTls.key(OverTls.IDENTITY, 8))))
                .as("another key")
                .isEqualTo(51);
        assertThat(alert(failure(port, PATIENCE, OverTls.key("NVMe1R01 nqn.a nqn.b digest", 7))))
                .as("another identity")
                .isEqualTo(51);
    }

    @Test
    void aControllerWithoutTlsIsNoController() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), PATIENCE, OverTls.key());
            try (FakePeer controller = listener.accept()) {
                clientHello(controller);
                controller.send(TestPdu.termReq(3, 1, 0, new byte[8]));

                assertThat(reason(failure)).isInstanceOf(TlsException.class).hasMessageContaining("TLS failed");
            }
        }
    }

    @Test
    void aControllerThatSaysNothingIsATimeout() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), Duration.ofMillis(300), OverTls.key());
            try (FakePeer controller = listener.accept()) {
                assertThat(reason(failure))
                        .isInstanceOf(TimeoutException.class)
                        .hasMessageContaining("no TLS handshake within PT0.3S");
                clientHello(controller);
                controller.expectEnd();
            }
        }
    }

    @Test
    void aControllerThatSaysNothingAfterTlsIsATimeout() throws Exception {
        CompletableFuture<Throwable> failure = failure(mute(OverTls.key()), Duration.ofSeconds(1), OverTls.key());

        assertThat(secured.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(OverTls.IDENTITY);
        assertThat(reason(failure))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("did not initialize the connection");
        Awaitility.await().atMost(PATIENCE).untilAtomic(open, is(0));
    }

    @Test
    void aConnectionLostDuringTlsIsAFailure() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), PATIENCE, OverTls.key());
            try (FakePeer controller = listener.accept()) {
                clientHello(controller);
            }

            assertThat(reason(failure))
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining("closed during the TLS handshake");
        }
    }

    @Test
    void aConnectionResetDuringTlsIsAFailure() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), PATIENCE, OverTls.key());
            try (FakePeer controller = listener.accept()) {
                clientHello(controller);
                controller.reset();
            }

            assertThat(failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            QueuePairTerminatedException.class,
                            told -> assertThat(told.termination()).isInstanceOf(Termination.PeerReset.class));
        }
    }

    @Test
    void aConnectionGivenUpDuringTlsIsClosed() {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            for (int i = 0; i < 50; i++) {
                Disposable connecting = OverTls.connect(parameters(listener.port(), PATIENCE), OverTls.key())
                        .subscribe();
                try (FakePeer controller = listener.accept()) {
                    clientHello(controller);
                    connecting.dispose();
                    assertThat(controller.read(7)).startsWith(21); // an alert
                    controller.read(7);
                    controller.expectEnd();
                }
            }
        }
    }

    @Test
    void aConnectionGivenUpAfterTlsIsClosed() throws Exception {
        int port = mute(OverTls.key());
        Disposable connecting =
                OverTls.connect(parameters(port, PATIENCE), OverTls.key()).subscribe();
        secured.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        connecting.dispose();

        Awaitility.await().atMost(PATIENCE).untilAtomic(open, is(0));
    }

    @Test
    void aConnectionGivenUpAtAnyMomentIsClosed() {
        int port = mute(OverTls.key());
        for (int i = 0; i < 300; i++) {
            Disposable connecting =
                    OverTls.connect(parameters(port, PATIENCE), OverTls.key()).subscribe();
            long until = System.nanoTime() + ThreadLocalRandom.current().nextLong(TimeUnit.MILLISECONDS.toNanos(4));
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            connecting.dispose();
        }
        Awaitility.await().atMost(PATIENCE).untilAtomic(open, is(0));
    }

    /** Such a loop does not close its channels before it ends. */
    @Test
    void anEventLoopThatEndsDuringTlsIsAFailure() throws Exception {
        LoopResources loops = LoopResources.create("ends-during-tls", 1, true);
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            HostQueuePairParameters parameters = TestQueuePairs.parameters(
                            TransportAddress.of("127.0.0.1", listener.port()), true, 8192)
                    .connectTimeout(PATIENCE)
                    .options(TransportOptions.none().with(TcpOptions.LOOP_RESOURCES, loops))
                    .build();
            OverTls.connect(parameters, OverTls.key())
                    .subscribe(
                            connected -> failure.completeExceptionally(new AssertionError("connected")),
                            failure::complete);
            try (FakePeer controller = listener.accept()) {
                clientHello(controller);
                EventLoop loop = loops.onClient(true).next();

                loop.execute(() -> loop.shutdownGracefully(0, PATIENCE.toSeconds(), TimeUnit.SECONDS));

                assertThat(failure.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isInstanceOfSatisfying(
                                QueuePairTerminatedException.class,
                                told -> assertThat(told.termination()).isEqualTo(Termination.Closed.EVENT_LOOP_GONE));
            }
        }
    }

    @Test
    void aKeyThatItsOwnerHasClosedIsAFailure() throws Exception {
        TlsPsk closed = OverTls.key();
        closed.close();

        assertThat(reason(failure(mute(OverTls.key()), PATIENCE, closed))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void withoutTlsThereIsNoIdentity() throws Exception {
        HostQueuePair host;
        try (FakePeer.Listener plain = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(plain.port(), PATIENCE))
                    .toFuture();
            try (FakePeer controller = plain.accept()) {
                controller.read(128);
                controller.send(Agreed.PLAIN.icResp());
                host = connecting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(host.tlsIdentity()).as("without TLS").isNull();
                assertThat(host.agreement()).doesNotContain("TLS");
            }
        }
        host.close().block(PATIENCE);
    }
}
