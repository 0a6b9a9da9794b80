package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelOption;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeTarget;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.TcpClient;
import reactor.util.context.Context;

/** Connections that nobody waits for any more are closed, whatever step of connecting they are in. */
class TcpConnectTest {

    private static final String NQN = "nqn.2014-08.org.example:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listenToDroppedErrors() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void noErrorWasDropped() {
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
    }

    private static HostQueuePairParameters parameters(String host, int port, Duration timeout) {
        return TestQueuePairs.parameters(TransportAddress.of(host, port), true, 8192)
                .connectTimeout(timeout)
                .build();
    }

    /** Everything that arrives until the other side closes. */
    private static void awaitEnd(Socket socket) {
        try (socket) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            int read;
            do {
                read = socket.getInputStream().read();
            } while (read >= 0);
        } catch (java.net.SocketTimeoutException open) {
            throw new AssertionError("the connection is still open", open);
        } catch (IOException reset) {
            // an end, too
        }
    }

    @Test
    void aConnectionGivenUpWhenItIsAcceptedIsClosed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 400; i++) {
                Disposable connecting = new TcpTransportProvider()
                        .connect(parameters("127.0.0.1", server.getLocalPort(), PATIENCE))
                        .subscribe();
                Socket accepted = server.accept();
                connecting.dispose();
                awaitEnd(accepted);
            }
        }
    }

    @Test
    void aConnectionGivenUpBeforeItsHandshakeSaysNothing() throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        AtomicBoolean givenUp = new AtomicBoolean();
        Hooks.onEachOperator("connected", Operators.lift((source, actual) -> new BaseSubscriber<Object>() {
            @Override
            public Context currentContext() {
                return actual.currentContext();
            }

            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                actual.onSubscribe(subscription);
            }

            @Override
            protected void hookOnNext(Object value) {
                if (value instanceof Connection) {
                    connected.countDown();
                    while (!givenUp.get()) {
                        // BlockHound forbids to wait in any other way
                    }
                }
                actual.onNext(value);
            }

            @Override
            protected void hookOnError(Throwable failure) {
                actual.onError(failure);
            }

            @Override
            protected void hookOnComplete() {
                actual.onComplete();
            }
        }));
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Disposable connecting = new TcpTransportProvider()
                    .connect(parameters("127.0.0.1", server.getLocalPort(), PATIENCE))
                    .subscribe();
            try (Socket accepted = server.accept()) {
                assertThat(connected.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                connecting.dispose();
                givenUp.set(true);
                accepted.setSoTimeout((int) PATIENCE.toMillis());

                assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            givenUp.set(true);
            Hooks.resetOnEachOperator("connected");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatGivesUpAtAnyMomentLeavesNothing(boolean discover) {
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, 512)
                .bindAddress("127.0.0.1", 0)
                .bind()
                .block(PATIENCE);
        NvmeClient client = NvmeClient.from(target.uri(NQN).toString());
        for (int i = 0; i < 600; i++) {
            Disposable connecting = discover
                    ? client.discover().subscribe()
                    : client.connect()
                            .subscribe(controller -> controller.close().subscribe());
            long until = System.nanoTime() + ThreadLocalRandom.current().nextLong(TimeUnit.MILLISECONDS.toNanos(6));
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            connecting.dispose();
        }
        org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> target.controllers() == 0);
        target.close().block(PATIENCE);
    }

    @Test
    void aTargetGivenUpWhileItBindsDoesNotListen() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        for (int i = 0; i < 100; i++) {
            NvmeTarget.memory(NQN, 1 << 20, 512)
                    .bindAddress("127.0.0.1", port)
                    .bind()
                    .subscribe(target -> target.close().subscribe(), taken -> {})
                    .dispose();
        }
        org.awaitility.Awaitility.await().atMost(PATIENCE).until(() -> {
            try (ServerSocket again = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return again.isBound();
            } catch (IOException stillThere) {
                return false;
            }
        });
    }

    /** Resolves every name to the same addresses, or never. */
    private static final class Names extends AddressResolverGroup<InetSocketAddress> {

        private final List<InetAddress> addresses;

        Names(InetAddress... addresses) {
            this.addresses = List.of(addresses);
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetNameResolver(executor) {
                @Override
                protected void doResolve(String host, Promise<InetAddress> promise) {
                    if (!addresses.isEmpty()) {
                        promise.setSuccess(addresses.get(0));
                    }
                }

                @Override
                protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                    if (!addresses.isEmpty()) {
                        promise.setSuccess(addresses);
                    }
                }
            }.asAddressResolver();
        }
    }

    private static Mono<HostQueuePair> connect(Names names, int port, Duration timeout) {
        TcpClient client = TcpClient.create(ConnectionProvider.newConnection())
                .host("a_name.example")
                .port(port)
                .resolver(names)
                .option(ChannelOption.AUTO_READ, false);
        return TcpConnect.over(client, parameters("a_name.example", port, timeout), List.of());
    }

    @Test
    void theAddressesOfANameAreTriedInOrderUntilOneAnswers() throws Exception {
        InetAddress nobody = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
        InetAddress other = InetAddress.getByAddress(new byte[] {127, 0, 0, 3});
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            CompletableFuture<HostQueuePair> connecting = connect(
                            new Names(nobody, other, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})),
                            server.getLocalPort(),
                            PATIENCE)
                    .toFuture();
            try (Socket accepted = server.accept()) {
                accepted.getInputStream().readNBytes(128);
                accepted.getOutputStream().write(Agreed.PLAIN.icResp().bytes());
                HostQueuePair connected = connecting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

                assertThat(connected.remoteAddress()).contains(TransportAddress.of("127.0.0.1", server.getLocalPort()));
                connected.close().block(PATIENCE);
            }
        }
    }

    @Test
    void aNameThatIsNotResolvedIsATimeout() {
        assertThatThrownBy(() -> connect(new Names(), 1, Duration.ofMillis(100)).block(PATIENCE))
                .hasRootCauseInstanceOf(TimeoutException.class)
                .rootCause()
                .hasMessageContaining("a_name.example was not resolved");
    }

    @Test
    void resolvingCanBeGivenUp() {
        for (int i = 0; i < 100; i++) {
            connect(new Names(), 1, PATIENCE).subscribe().dispose();
        }
    }
}
