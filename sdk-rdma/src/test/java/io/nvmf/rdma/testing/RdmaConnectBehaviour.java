package io.nvmf.rdma.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nvmf.rdma.spi.RdmaCapabilities;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaIncoming;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaListener;
import io.nvmf.rdma.spi.RdmaRejectedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** How connections come up, or do not. */
interface RdmaConnectBehaviour extends RdmaKit {

    private static ByteBuffer bytes(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            bytes.put((byte) (bytes.position() * 7 + 1));
        }
        return bytes.flip();
    }

    /** The bytes, perhaps with zeroes behind them. */
    private static void assertBytes(ByteBuffer actual, int length) {
        assertThat(actual.remaining()).isGreaterThanOrEqualTo(length);
        ByteBuffer rest = actual.duplicate();
        byte[] first = new byte[length];
        rest.get(first);
        assertThat(ByteBuffer.wrap(first)).isEqualTo(bytes(length));
        while (rest.hasRemaining()) {
            assertThat(rest.get()).isZero();
        }
    }

    @Test
    default void theProviderSaysTheSameOfItselfAlways() {
        RdmaCapabilities able = provider().capabilities();

        assertThat(provider().name()).matches("[a-z0-9]+");
        assertThat(provider().isAvailable()).isTrue();
        assertThat(provider().options()).doesNotContainNull();
        assertThat(able.maxPrivateData()).isGreaterThanOrEqualTo(32);
        assertThat(able.maxReadsIn()).isPositive();
        assertThat(able.maxReadsOut()).isPositive();
        assertThat(provider().capabilities()).isEqualTo(able);
    }

    @Test
    default void bothEndsAreHandedOverOnTheirEventLoops() {
        CompletableFuture<Boolean> acceptedThere = new CompletableFuture<>();
        CompletableFuture<Boolean> connectedThere = new CompletableFuture<>();
        RdmaListener listener = listen(incoming -> {
            if (!incoming.executor().inEventLoop()) {
                acceptedThere.complete(false);
            }
            incoming.accept(NOTHING, LIMITS).subscribe(connection -> {
                endpoint(connection);
                acceptedThere.complete(
                        connection.executor().inEventLoop() && connection.executor() == incoming.executor());
            });
        });

        provider().connect(request(listener.address())).subscribe(connection -> {
            endpoint(connection);
            connectedThere.complete(connection.executor().inEventLoop());
        });

        assertThat(Mono.fromFuture(acceptedThere).block(PATIENCE)).isTrue();
        assertThat(Mono.fromFuture(connectedThere).block(PATIENCE)).isTrue();
    }

    @Test
    default void privateDataReachesTheOtherSide() {
        for (int length : new int[] {0, 1, 32, provider().capabilities().maxPrivateData()}) {
            CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
            CompletableFuture<ByteBuffer> asked = new CompletableFuture<>();
            RdmaListener listener = listen(incoming -> {
                asked.complete(incoming.privateData());
                incoming.accept(bytes(length), LIMITS).subscribe(connection -> {
                    endpoint(connection);
                    accepted.complete(connection);
                });
            });

            RdmaConnection connector = RdmaKit.get(provider().connect(request(listener.address(), bytes(length))));
            endpoint(connector);

            for (ByteBuffer seen : List.of(
                    RdmaKit.get(Mono.fromFuture(asked)),
                    RdmaKit.get(Mono.fromFuture(accepted)).privateData(),
                    connector.privateData())) {
                assertBytes(seen, length);
                assertThat(seen.isReadOnly()).isTrue();
            }
            ByteBuffer view = connector.privateData();
            view.position(view.limit());
            assertBytes(connector.privateData(), length);
        }
    }

    @Test
    default void morePrivateDataThanFitsIsRefused() {
        int tooMuch = provider().capabilities().maxPrivateData() + 1;
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address(), bytes(tooMuch)));

        assertThatThrownBy(() -> connect.block(PATIENCE)).isInstanceOf(IllegalArgumentException.class);
        Disposable waiting =
                provider().connect(request(requests.listener().address())).subscribe(this::endpoint, failure -> {});
        Mono<RdmaConnection> accept = requests.next().accept(bytes(tooMuch), LIMITS);
        assertThatThrownBy(() -> accept.block(PATIENCE)).isInstanceOf(IllegalArgumentException.class);
        waiting.dispose();
    }

    @Test
    default void bothSidesAgreeOnReads() {
        RdmaCapabilities able = provider().capabilities();
        CompletableFuture<Integer> peerReadsIn = new CompletableFuture<>();
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener = listen(incoming -> {
            peerReadsIn.complete(incoming.peerReadsIn());
            incoming.accept(NOTHING, new RdmaLimits(10, 11, 1200, 2, 9)).subscribe(accepted::complete);
        });

        RdmaConnection connector = RdmaKit.get(
                provider().connect(request(listener.address(), PATIENCE, NOTHING, new RdmaLimits(20, 21, 2200, 5, 3))));
        endpoint(connector);
        RdmaConnection acceptor = RdmaKit.get(Mono.fromFuture(accepted));
        endpoint(acceptor);

        int toConnector = Math.min(5, able.maxReadsIn());
        assertThat(RdmaKit.get(Mono.fromFuture(peerReadsIn))).isEqualTo(toConnector);
        assertThat(acceptor.limits().readsOut()).isEqualTo(Math.min(Math.min(9, able.maxReadsOut()), toConnector));
        assertThat(connector.limits().readsOut())
                .isEqualTo(Math.min(Math.min(3, able.maxReadsOut()), Math.min(2, able.maxReadsIn())));
        assertThat(connector.limits().sends()).isGreaterThanOrEqualTo(20);
        assertThat(connector.limits().receives()).isGreaterThanOrEqualTo(21);
        assertThat(connector.limits().receiveSize()).isGreaterThanOrEqualTo(2200);
        assertThat(acceptor.limits().sends()).isGreaterThanOrEqualTo(10);
        assertThat(acceptor.limits().receives()).isGreaterThanOrEqualTo(11);
        assertThat(acceptor.limits().receiveSize()).isGreaterThanOrEqualTo(1200);
    }

    @Test
    default void aPeerThatServesNoReadsSaysSo() {
        CompletableFuture<Integer> peerReadsIn = new CompletableFuture<>();
        CompletableFuture<RdmaConnection> accepted = new CompletableFuture<>();
        RdmaListener listener = listen(incoming -> {
            peerReadsIn.complete(incoming.peerReadsIn());
            incoming.accept(NOTHING, LIMITS).subscribe(accepted::complete);
        });

        endpoint(RdmaKit.get(
                provider().connect(request(listener.address(), PATIENCE, NOTHING, new RdmaLimits(4, 4, 64, 0, 0)))));
        RdmaConnection acceptor = RdmaKit.get(Mono.fromFuture(accepted));
        endpoint(acceptor);

        assertThat(RdmaKit.get(Mono.fromFuture(peerReadsIn))).isZero();
        assertThat(acceptor.limits().readsOut()).isZero();
    }

    @Test
    default void addressesAreThoseOfTheListenerAndOfEachOther() {
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address())).cache();
        connect.subscribe();
        RdmaIncoming request = requests.next();
        RdmaConnection acceptor = RdmaKit.get(request.accept(NOTHING, LIMITS));
        endpoint(acceptor);
        RdmaConnection connector = RdmaKit.get(connect);
        endpoint(connector);

        assertThat(acceptor.localAddress())
                .isEqualTo(request.localAddress())
                .isIn(null, requests.listener().address());
        assertThat(connector.remoteAddress()).isIn(null, requests.listener().address());
        assertThat(acceptor.remoteAddress()).isEqualTo(request.remoteAddress());
        if (connector.localAddress() != null && acceptor.remoteAddress() != null) {
            assertThat(acceptor.remoteAddress()).isEqualTo(connector.localAddress());
        }
        assertThat(connector.agreement()).isNotNull();
    }

    @Test
    default void aRejectionComesWithItsReason() {
        for (int length : new int[] {0, 4, 32}) {
            RdmaListener listener = listen(incoming -> incoming.reject(bytes(length)));
            Mono<RdmaConnection> connect = provider().connect(request(listener.address()));

            assertThat(RdmaKit.failure(connect))
                    .isInstanceOfSatisfying(
                            RdmaRejectedException.class,
                            rejected -> assertBytes(ByteBuffer.wrap(rejected.privateData()), length));
        }
    }

    @Test
    default void aRequestMayBeAnsweredLaterAndOnAnyThread() {
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address())).cache();
        connect.subscribe();
        RdmaIncoming request = requests.next();

        RdmaEndpoint acceptor =
                endpoint(RdmaKit.get(request.accept(NOTHING, LIMITS))).listen();

        RdmaEndpoint connector = endpoint(RdmaKit.get(connect)).listen();
        exchange(new RdmaPair(connector, acceptor));
    }

    @Test
    default void aRejectionAfterTheAcceptanceDoesNothing() {
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address())).cache();
        connect.subscribe();
        RdmaIncoming request = requests.next();
        RdmaEndpoint acceptor =
                endpoint(RdmaKit.get(request.accept(NOTHING, LIMITS))).listen();

        request.reject(bytes(4));

        RdmaEndpoint connector = endpoint(RdmaKit.get(connect)).listen();
        exchange(new RdmaPair(connector, acceptor));
    }

    @Test
    default void aRequestIsAcceptedOnce() {
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address())).cache();
        connect.subscribe();
        RdmaIncoming request = requests.next();
        Mono<RdmaConnection> accept = request.accept(NOTHING, LIMITS);
        RdmaEndpoint acceptor = endpoint(RdmaKit.get(accept)).listen();

        assertThatThrownBy(() -> accept.block(PATIENCE)).isInstanceOf(IllegalStateException.class);

        RdmaEndpoint connector = endpoint(RdmaKit.get(connect)).listen();
        exchange(new RdmaPair(connector, acceptor));
    }

    @Test
    default void connectingFailsWhereNobodyListens() {
        RdmaListener listener = listen(incoming -> {});
        listener.close().block(PATIENCE);
        Mono<RdmaConnection> connect = provider().connect(request(listener.address()));

        assertThat(RdmaKit.failure(connect)).isInstanceOf(IOException.class);
    }

    @Test
    default void connectingFailsWhenNobodyAnswersInTime() {
        RdmaRequests requests = unanswered();
        Mono<RdmaConnection> connect =
                provider().connect(request(requests.listener().address(), Duration.ofMillis(300), NOTHING, LIMITS));

        assertThat(RdmaKit.failure(connect)).isInstanceOf(TimeoutException.class);

        RdmaIncoming late = requests.poll();
        if (late != null) {
            assertOrphan(late);
        }
    }

    @Test
    default void nothingIsSignalledAfterACancel() {
        RdmaRequests requests = unanswered();
        List<Object> signals = new CopyOnWriteArrayList<>();
        Disposable connecting = provider()
                .connect(request(requests.listener().address()))
                .subscribe(signals::add, signals::add, () -> signals.add("completed"));
        RdmaIncoming request = requests.next();

        connecting.dispose();

        assertOrphan(request);
        assertThat(signals).isEmpty();
    }

    @Test
    default void aCancelAtAnyMomentLeavesNoConnection() {
        Queue<RdmaEndpoint> accepted = new ConcurrentLinkedQueue<>();
        RdmaListener listener = listen(incoming -> incoming.accept(NOTHING, LIMITS)
                .subscribe(connection -> accepted.add(endpoint(connection)), failure -> {}));

        for (int i = 0; i < 50; i++) {
            Disposable connecting = provider()
                    .connect(request(listener.address()))
                    .subscribe(connection -> connection.close().subscribe());
            for (int spin = 0; spin < i * 500; spin++) {
                Thread.onSpinWait();
            }
            connecting.dispose();
        }

        // the listener hears of connections in order, so the earlier ones have come by then
        endpoint(RdmaKit.get(provider().connect(request(listener.address()))))
                .connection()
                .close()
                .block(PATIENCE);
        Awaitility.await().until(() -> !accepted.isEmpty());
        for (RdmaEndpoint each : accepted) {
            each.listen().end();
        }
    }

    @Test
    default void connectingIsColdAndMayBeRepeated() {
        Queue<RdmaEndpoint> accepted = new ConcurrentLinkedQueue<>();
        RdmaListener listener = listen(incoming ->
                incoming.accept(NOTHING, LIMITS).subscribe(connection -> accepted.add(endpoint(connection))));
        provider().connect(request(listener.address()));
        Mono<RdmaConnection> connect = provider().connect(request(listener.address()));

        RdmaConnection first = RdmaKit.get(connect);
        RdmaConnection second = RdmaKit.get(connect);

        endpoint(first);
        endpoint(second);
        assertThat(first).isNotSameAs(second);
        Awaitility.await().until(() -> accepted.size() >= 2);
        assertThat(accepted).hasSize(2);
    }
}
