package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeTarget;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.recovery.Recovery;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.DelegatingTransport;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportProvider;
import io.nvmf.transport.TransportRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What a failure to connect tells over TCP, before there is any command that could fail. */
class TcpConnectOutcomeTest {

    private static final String NQN = "nqn.2014-08.org.example:disk";
    private static final int IC_LENGTH = 128;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static CompletableFuture<Throwable> failure(int port, Duration limit) {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        NvmeClient.create()
                .recovery(Recovery.none())
                .remoteAddress("127.0.0.1", port)
                .subsystem(NQN)
                .connectTimeout(limit)
                .connect()
                .subscribe(
                        controller -> failure.completeExceptionally(new AssertionError("connected")),
                        failure::complete);
        return failure;
    }

    private static FakePeer afterRequest(FakePeer.Listener listener) {
        FakePeer controller = listener.accept();
        controller.read(IC_LENGTH);
        return controller;
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void nobodyListens() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }

        assertThat(get(failure(port, PATIENCE)))
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        told -> assertThat(told.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED))
                .hasMessageContaining("queue 0")
                .hasMessageContaining("127.0.0.1:" + port);
    }

    @Test
    void nobodyAnswersTheHandshake() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), Duration.ofMillis(300));
            try (FakePeer controller = listener.accept()) {
                assertThat(get(failure))
                        .isInstanceOfSatisfying(NvmeTimeoutException.class, told -> {
                            assertThat(told.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED);
                            assertThat(told.duration()).isEqualTo(Duration.ofMillis(300));
                        })
                        .hasMessageContaining("did not initialize the connection");
                controller.read(IC_LENGTH);
                controller.expectEnd();
            }
        }
    }

    @Test
    void nobodyTakesTheConnection() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            boolean taken = true;
            while (taken && waiting.size() < 64) { // until the backlog takes no more
                Socket socket = new Socket();
                waiting.add(socket);
                try {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()), 500);
                } catch (IOException refused) {
                    taken = false;
                }
            }

            assertThat(get(failure(full.getLocalPort(), Duration.ofMillis(300))))
                    .isInstanceOfSatisfying(
                            NvmeTimeoutException.class,
                            told -> assertThat(told.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED))
                    .hasMessageContaining("no connection within");
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void theHandshakeIsCutOff() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> closed = failure(listener.port(), PATIENCE);
            afterRequest(listener).close();
            CompletableFuture<Throwable> reset = failure(listener.port(), PATIENCE);
            afterRequest(listener).reset();
            for (CompletableFuture<Throwable> failure : List.of(closed, reset)) {
                assertThat(get(failure))
                        .isInstanceOfSatisfying(
                                NvmeConnectionException.class,
                                told -> assertThat(told.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED));
            }
        }
    }

    @Test
    void theHandshakeIsGarbage() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<Throwable> failure = failure(listener.port(), PATIENCE);
            try (FakePeer controller = afterRequest(listener)) {
                controller.send(new byte[IC_LENGTH]);

                assertThat(get(failure))
                        .isInstanceOfSatisfying(
                                NvmeProtocolException.class,
                                told -> assertThat(told.outcome()).isEqualTo(CommandOutcome.NOT_CONNECTED));
            }
        }
    }

    @Test
    void connectIsCutOffOrBrokenOrNotAnswered() throws Exception {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            List<Consumer<FakePeer>> endings = List.of(
                    FakePeer::close,
                    FakePeer::reset,
                    peer -> peer.send(TestPdu.capsuleResp(9999, 0)),
                    peer -> peer.send(new byte[64]),
                    peer -> {});
            for (Consumer<FakePeer> ending : endings) {
                CompletableFuture<Throwable> failure = failure(listener.port(), Duration.ofSeconds(2));
                try (FakePeer controller = afterRequest(listener)) {
                    controller.send(Agreed.PLAIN.icResp());
                    controller.read(72 + 1024);
                    ending.accept(controller);

                    Throwable told = get(failure);
                    CommandOutcome outcome = told instanceof NvmeConnectionException connection
                            ? connection.outcome()
                            : told instanceof NvmeProtocolException protocol
                                    ? protocol.outcome()
                                    : ((NvmeTimeoutException) told).outcome();
                    assertThat(outcome).as("%s", told).isEqualTo(CommandOutcome.NOT_CONNECTED);
                    assertThat(told).hasMessageContaining("queue 0").hasMessageContaining(NQN);
                }
            }
        }
    }

    /** Notes where queue pairs are connected to. */
    private record Recording(TransportProvider inner, List<TransportAddress> addresses) implements DelegatingTransport {

        @Override
        public Mono<HostQueuePair> connect(HostQueuePairParameters parameters) {
            addresses.add(parameters.address());
            return inner.connect(parameters);
        }
    }

    @Test
    void allQueuesGoToTheAddressThatTheFirstReached() {
        BoundTarget target = NvmeTarget.memory(NQN, 1 << 20, 512)
                .bindAddress("127.0.0.1", 0)
                .bind()
                .block(PATIENCE);
        List<TransportAddress> addresses = new CopyOnWriteArrayList<>();
        NvmeController controller = NvmeClient.create()
                .recovery(Recovery.none())
                .registry(TransportRegistry.empty().register(new Recording(new TcpTransportProvider(), addresses)))
                .remoteAddress("localhost", target.port())
                .subsystem(NQN)
                .ioQueues(3)
                .connect()
                .block(PATIENCE);

        assertThat(addresses)
                .containsExactly(
                        TransportAddress.of("localhost", target.port()),
                        TransportAddress.of("127.0.0.1", target.port()),
                        TransportAddress.of("127.0.0.1", target.port()),
                        TransportAddress.of("127.0.0.1", target.port()));
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
    }
}
