package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.tcp.testing.Fragmentation;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** Over real sockets, with BlockHound watching the event loops: connecting, moving data, and every way to end. */
class TcpLoopbackTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static HostQueuePairParameters parameters(int port, Agreed agreed) {
        return parameters(port, agreed.options(), PATIENCE);
    }

    private static HostQueuePairParameters parameters(int port, TransportOptions options, Duration timeout) {
        return TestQueuePairs.parameters(TransportAddress.of("127.0.0.1", port), true, 8192)
                .connectTimeout(timeout)
                .options(options)
                .build();
    }

    /** A host of ours and the fake controller it is connected to. */
    private record FakeControlled(HostQueuePair host, FakePeer controller, BlockingQueue<ResponseCapsule> responses)
            implements AutoCloseable {

        static FakeControlled open(Agreed agreed) throws Exception {
            try (FakePeer.Listener listener = FakePeer.listen()) {
                CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                        .connect(parameters(listener.port(), agreed))
                        .toFuture();
                FakePeer controller = listener.accept();
                controller.expect(agreed.icReq()).send(agreed.icResp());
                HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);
                BlockingQueue<ResponseCapsule> responses = new LinkedTransferQueue<>();
                host.responses().subscribe(responses::add);
                return new FakeControlled(host, controller, responses);
            }
        }

        void submit(Capsule capsule) {
            host.transmit(capsule).block(PATIENCE);
        }

        Termination end() {
            return host.termination().block(PATIENCE);
        }

        @Override
        public void close() {
            host.close().block(PATIENCE);
            controller.close();
        }
    }

    @Test
    void isFoundByTheRegistry() {
        assertThat(TransportRegistry.load().providers(io.nvmf.spec.TransportType.TCP))
                .singleElement()
                .isInstanceOf(TcpTransportProvider.class);
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_23)
    void blockHoundWatchesTheEventLoops() throws Exception {
        try (FakeControlled pair = FakeControlled.open(Agreed.PLAIN)) {
            CompletableFuture<Throwable> seen = new CompletableFuture<>();
            pair.host.executor().execute(() -> {
                try {
                    new java.util.concurrent.CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
                    seen.complete(null);
                } catch (Throwable t) {
                    seen.complete(t);
                }
            });
            assertThat(seen.get(20, TimeUnit.SECONDS)).isInstanceOf(BlockingOperationError.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MESSAGES", "COALESCED", "RANDOM"})
    void readsAndWritesAgainstAScript(Fragmentation fragmentation) throws Exception {
        Agreed agreed = new Agreed(true, true, 12, 20, 1, 4096);
        try (FakeControlled pair = FakeControlled.open(agreed)) {
            Capsule read = Capsule.receive(1, 10_000);
            byte[] data = EmbeddedPair.pattern(10_000);
            pair.submit(read);
            pair.controller.expect(agreed.toController(TestPdu.capsuleCmd(0x02, 1, 10_000)));
            pair.controller.send(
                    fragmentation,
                    agreed.toHost(TestPdu.c2hData(1, 0, java.util.Arrays.copyOf(data, 6000), 0)),
                    agreed.toHost(
                            TestPdu.c2hData(1, 6000, java.util.Arrays.copyOfRange(data, 6000, 10_000), TestPdu.LAST)),
                    agreed.toHost(TestPdu.capsuleResp(1, 0)));
            assertThat(pair.responses.poll(20, TimeUnit.SECONDS).isSuccess()).isTrue();
            assertThat(read.received).isEqualTo(data);

            Capsule write = Capsule.send(2, data);
            pair.submit(write);
            pair.controller.expect(agreed.toController(TestPdu.capsuleCmd(0x01, 2, 10_000)));
            pair.controller.send(
                    fragmentation,
                    agreed.toHost(TestPdu.r2t(2, 9, 0, 4000)),
                    agreed.toHost(TestPdu.r2t(2, 10, 4000, 6000)));
            pair.controller
                    .expect(agreed.toController(
                            TestPdu.h2cData(2, 9, 0, java.util.Arrays.copyOf(data, 4000), TestPdu.LAST)))
                    .expect(agreed.toController(
                            TestPdu.h2cData(2, 10, 4000, java.util.Arrays.copyOfRange(data, 4000, 8096), 0)))
                    .expect(agreed.toController(TestPdu.h2cData(
                            2, 10, 8096, java.util.Arrays.copyOfRange(data, 8096, 10_000), TestPdu.LAST)))
                    .send(agreed.toHost(TestPdu.capsuleResp(2, 0)));
            assertThat(pair.responses.poll(20, TimeUnit.SECONDS).isSuccess()).isTrue();
            Awaitility.await().until(() -> write.bytes == 10_000);
        }
    }

    @Test
    void anEndBetweenPdusIsAnOrderlyClose() throws Exception {
        try (FakeControlled pair = FakeControlled.open(Agreed.PLAIN)) {
            Capsule read = Capsule.receive(1, 100);
            pair.submit(read);
            pair.controller.expect(TestPdu.capsuleCmd(0x02, 1, 100)).close();

            assertThat(pair.end()).isEqualTo(new Termination.Closed(Termination.Side.REMOTE));
            assertThat(read.error.bytes()).isZero();
        }
    }

    @Test
    void anEndWithinAPduIsAReset() throws Exception {
        try (FakeControlled pair = FakeControlled.open(Agreed.PLAIN)) {
            Capsule read = Capsule.receive(1, 100);
            pair.submit(read);
            byte[] pdu = TestPdu.c2hData(1, 0, new byte[100], TestPdu.LAST).bytes();
            pair.controller.expect(TestPdu.capsuleCmd(0x02, 1, 100));
            pair.controller.send(java.util.Arrays.copyOf(pdu, 60)).close();

            assertThat(pair.end()).isInstanceOf(Termination.PeerReset.class);
            assertThat(read.error).isNotNull();
        }
    }

    @Test
    void aResetOfTheConnectionIsAReset() throws Exception {
        try (FakeControlled pair = FakeControlled.open(Agreed.PLAIN)) {
            pair.controller.reset();

            assertThat(pair.end()).isInstanceOf(Termination.PeerReset.class);
        }
    }

    @Test
    void afterATermReqTheConnectionIsClosedWhenTheTimeIsUp() throws Exception {
        TransportOptions options = Agreed.PLAIN.options().with(TcpOptions.TERMINATION_TIMEOUT, Duration.ofMillis(300));
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), options, PATIENCE))
                    .toFuture();
            try (FakePeer controller = listener.accept()) {
                controller.expect(Agreed.PLAIN.icReq()).send(Agreed.PLAIN.icResp());
                HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);
                host.responses().subscribe();
                TestPdu bad = TestPdu.capsuleResp(1, 0).hlen(20);
                long before = System.nanoTime();

                controller.send(bad).send(new byte[1000]);

                assertThat(host.termination().block(PATIENCE)).isInstanceOf(Termination.ProtocolError.class);
                controller
                        .expect(TestPdu.termReq(0x02, 1, 2, java.util.Arrays.copyOf(bad.bytes(), 20)))
                        .expectEnd();
                assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(250));
            }
        }
    }

    @Test
    void connectingFailsWhenTheHandshakeDoes() {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), Agreed.PLAIN))
                    .toFuture();
            try (FakePeer controller = listener.accept()) {
                TestPdu refused = TestPdu.icResp(0, 0, 4096).u16(8, 1);
                controller.expect(Agreed.PLAIN.icReq()).send(refused);

                assertThatThrownBy(() -> connecting.get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                QueuePairTerminatedException.class,
                                failure -> assertThat(failure.termination())
                                        .isInstanceOf(Termination.ProtocolError.class));
                controller.expect(TestPdu.termReq(0x02, 6, 8, refused.header()));
            }
        }
    }

    @Test
    void connectingFailsWhenTheControllerSaysNothing() {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), Agreed.PLAIN.options(), Duration.ofMillis(300)))
                    .toFuture();
            try (FakePeer controller = listener.accept()) {
                assertThatThrownBy(() -> connecting.get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                QueuePairTerminatedException.class,
                                failure -> assertThat(((Termination.IoFailure) failure.termination()).cause())
                                        .isInstanceOf(TimeoutException.class));
                controller.expect(Agreed.PLAIN.icReq()).expectEnd();
            }
        }
    }

    @Test
    void cancellingTheConnectClosesTheConnection() {
        try (FakePeer.Listener listener = FakePeer.listen()) {
            reactor.core.Disposable connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), Agreed.PLAIN))
                    .subscribe();
            try (FakePeer controller = listener.accept()) {
                controller.expect(Agreed.PLAIN.icReq());
                connecting.dispose();
                controller.expectEnd();
            }
        }
    }

    @Test
    void illegalOptionsAreRefusedBeforeAnythingIsSent() {
        for (TransportOptions options : List.of(
                TransportOptions.none().with(TcpOptions.HOST_PDA, 32),
                TransportOptions.none().with(TcpOptions.MAX_R2T, -1),
                TransportOptions.none().with(TcpOptions.MAX_H2C_DATA, 4098),
                TransportOptions.none().with(TcpOptions.MAX_C2H_DATA, 100))) {
            assertThatThrownBy(() -> new TcpTransportProvider()
                            .connect(parameters(1, options, PATIENCE))
                            .block(PATIENCE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> TransportOptions.none().with(TcpOptions.TERMINATION_TIMEOUT, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TcpOptions.HOST_PDA.parse("x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TcpOptions.HEADER_DIGEST.parse("yes")).isInstanceOf(IllegalArgumentException.class);
        assertThat(TcpOptions.DATA_DIGEST.parse("true")).isTrue();
        assertThat(TcpOptions.MAX_H2C_DATA.parse("8192")).isEqualTo(8192);
    }

    @Test
    void nothingStandsBetweenTheSocketAndAQueuePair() {
        CompletableFuture<ControllerQueuePair> accepted = new CompletableFuture<>();
        TcpTransportProvider provider = new TcpTransportProvider();
        TransportListener listener = provider.listen(
                        TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), accepted::complete)
                .block(PATIENCE);
        HostQueuePair host = provider.connect(parameters(listener.address().port(), Agreed.PLAIN))
                .block(PATIENCE);
        ControllerQueuePair controller = Mono.fromFuture(accepted).block(PATIENCE);

        assertThat(((TcpQueuePair) host).connection().reader.isFirst()).isTrue();
        assertThat(((TcpQueuePair) controller).connection().reader.isFirst()).isTrue();
        host.close().block(PATIENCE);
        controller.termination().block(PATIENCE);
        listener.close().block(PATIENCE);
    }

    @Test
    void connectionsAreSpreadOverTheEventLoops() {
        List<ControllerQueuePair> accepted = new CopyOnWriteArrayList<>();
        TcpTransportProvider provider = new TcpTransportProvider();
        TransportListener listener = provider.listen(
                        TransportAddress.of("127.0.0.1", 0), TransportOptions.none(), queuePair -> {
                            queuePair.commands().subscribe();
                            accepted.add(queuePair);
                        })
                .block(PATIENCE);
        // From a thread of the transport, as an association opens its queues.
        HostQueuePair first = provider.connect(parameters(listener.address().port(), Agreed.PLAIN))
                .block(PATIENCE);
        HostQueuePair[] more = new HostQueuePair[4];
        List<HostQueuePair> opened = new CopyOnWriteArrayList<>();
        first.executor().execute(() -> {
            for (int i = 0; i < more.length; i++) {
                provider.connect(parameters(listener.address().port(), Agreed.PLAIN))
                        .subscribe(opened::add);
            }
        });
        Awaitility.await().until(() -> opened.size() == more.length);

        if (Runtime.getRuntime().availableProcessors() > 1) {
            assertThat(opened.stream().map(HostQueuePair::executor).distinct().count())
                    .isGreaterThan(1);
        }
        opened.forEach(queuePair -> queuePair.close().block(PATIENCE));
        first.close().block(PATIENCE);
        Mono.whenDelayError(
                        accepted.stream().map(ControllerQueuePair::termination).toList())
                .block(PATIENCE);
        listener.close().block(PATIENCE);
    }

    @Test
    void digestsAreComputedOverSharedMemoryOnSeveralLoops() throws Exception {
        ByteBuf shared = PooledByteBufAllocator.DEFAULT.directBuffer(8192).writeBytes(EmbeddedPair.pattern(8192));
        try (FakeControlled one = FakeControlled.open(Agreed.DIGESTS);
                FakeControlled two = FakeControlled.open(Agreed.DIGESTS)) {
            TestPdu expected =
                    Agreed.DIGESTS.toController(TestPdu.capsuleCmd(0x01, 1, 0).inCapsule(EmbeddedPair.pattern(8192)));
            for (int i = 0; i < 50; i++) {
                for (FakeControlled pair : List.of(one, two)) {
                    Capsule capsule = new Capsule(0x01, 1);
                    capsule.attachData(io.nvmf.transport.CommandCapsule.Transfer.SEND, shared.retain(), 8192);
                    pair.host.transmit(capsule).subscribe();
                }
                one.controller.expect(expected);
                two.controller.expect(expected);
            }
        }
        Awaitility.await().until(() -> shared.refCnt() == 1);
        shared.release();
    }

    /** Such a loop does not close its channels before it ends. */
    @Test
    void anEventLoopThatEndsWithinATurnIsStillTold() {
        LoopResources loops = LoopResources.create("ends-at-once", 1, true);
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(
                            listener.port(), Agreed.PLAIN.options().with(TcpOptions.LOOP_RESOURCES, loops), PATIENCE))
                    .toFuture();
            try (FakePeer controller = listener.accept()) {
                controller.expect(Agreed.PLAIN.icReq()).send(Agreed.PLAIN.icResp());
                HostQueuePair host = connecting.join();

                host.executor()
                        .execute(() -> host.executor().shutdownGracefully(0, PATIENCE.toSeconds(), TimeUnit.SECONDS));

                assertThat(host.termination().block(PATIENCE))
                        .isEqualTo(new Termination.Closed(
                                Termination.Side.LOCAL, Termination.Closed.EVENT_LOOP_SHUT_DOWN));
                host.close().block(PATIENCE);
            }
        }
    }

    @Test
    void onEventLoopsThatHaveShutDownEverybodyIsStillTold() {
        LoopResources loops = LoopResources.create("shut-down", 1, true);
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(
                            listener.port(), Agreed.PLAIN.options().with(TcpOptions.LOOP_RESOURCES, loops), PATIENCE))
                    .toFuture();
            try (FakePeer controller = listener.accept()) {
                controller.expect(Agreed.PLAIN.icReq()).send(Agreed.PLAIN.icResp());
                HostQueuePair host = connecting.join();
                loops.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
                assertThat(host.termination().block(PATIENCE))
                        .as("nobody but this side has done it")
                        .isEqualTo(new Termination.Closed(
                                Termination.Side.LOCAL, Termination.Closed.EVENT_LOOP_SHUT_DOWN));

                Capsule capsule = Capsule.send(1, new byte[10]);
                assertThatThrownBy(() -> host.transmit(capsule).block(PATIENCE))
                        .isInstanceOf(QueuePairTerminatedException.class);
                assertThat(capsule.error).isNotNull();
                host.responses().then().block(PATIENCE);
            }
        }
    }
}
