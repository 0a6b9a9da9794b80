package io.nvmf.tcp;

import static io.netty.channel.SelectStrategy.SELECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.tcp.EmbeddedHost.Capsule;
import io.nvmf.tcp.testing.FakePeer;
import io.nvmf.tcp.testing.TestPdu;
import io.nvmf.testing.TestQueuePairs;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.netty.resources.LoopResources;

class BusyPollingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long FOREVER = Long.MAX_VALUE;

    private final BusyPolling polling = new BusyPolling();
    private int looked;
    private int ready;

    private int strategy(boolean hasTasks) throws Exception {
        return polling.calculateStrategy(
                () -> {
                    looked++;
                    return ready;
                },
                hasTasks);
    }

    @Test
    void sleepsWhenNothingIsExpected() throws Exception {
        polling.limit(FOREVER);
        assertThat(strategy(false)).isEqualTo(SELECT);
        polling.expect(2);
        polling.expect(-2);
        assertThat(strategy(false)).isEqualTo(SELECT);
        assertThat(looked).isZero();
    }

    @Test
    void looksAgainAndAgainWhileSomethingIsExpected() throws Exception {
        polling.limit(FOREVER);
        polling.expect(1);
        for (int i = 0; i < 100; i++) {
            assertThat(strategy(false)).isZero();
        }
        assertThat(looked).isEqualTo(100);
        ready = 3;
        assertThat(strategy(false)).isEqualTo(3);
    }

    @Test
    void sleepsWhenItHasFoundNothingForTheTimeSet() throws Exception {
        polling.limit(1);
        polling.expect(1);
        assertThat(strategy(false)).describedAs("the time begins").isZero();
        Awaitility.await().until(() -> strategy(false) == SELECT);
        assertThat(strategy(false)).describedAs("after it was woken").isZero();
    }

    @Test
    void tasksAreNotKeptWaiting() throws Exception {
        assertThat(strategy(true)).isZero();
        assertThat(looked).isEqualTo(1);
    }

    private static HostQueuePairParameters parameters(int port, boolean admin, TransportOptions options) {
        return TestQueuePairs.parameters(TransportAddress.of("127.0.0.1", port), admin, 8192)
                .connectTimeout(PATIENCE)
                .options(options)
                .build();
    }

    private static TransportOptions polling(Duration time) {
        return TransportOptions.none().with(TcpOptions.BUSY_POLL, time);
    }

    @Test
    void loopPollsWhileCommandsAreInFlight() throws Exception {
        assumeTrue(Epoll.isAvailable());
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), false, polling(Duration.ofMillis(1))))
                    .toFuture();
            FakePeer controller = listener.accept();
            controller.expect(TestPdu.icReq(0, 0, TcpOptions.DEFAULT_MAX_R2T)).send(Agreed.PLAIN.icResp());
            HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);
            BlockingQueue<ResponseCapsule> responses = new LinkedTransferQueue<>();
            host.responses().subscribe(responses::add);
            assertThat(expected(host.executor())).isZero();

            Capsule read = Capsule.receive(1, 100);
            host.transmit(read).block(PATIENCE);
            host.transmit(new Capsule(0, 2)).block(PATIENCE);
            assertThat(expected(host.executor())).isEqualTo(2);

            controller
                    .expect(TestPdu.capsuleCmd(0x02, 1, 100))
                    .send(TestPdu.c2hData(1, 0, new byte[100], TestPdu.LAST));
            controller.send(TestPdu.capsuleResp(1, 0));
            assertThat(responses.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(expected(host.executor())).isEqualTo(1);

            EventExecutor loop = host.executor();
            host.close().block(PATIENCE);
            assertThat(expected(loop))
                    .describedAs("commands end with their connection")
                    .isZero();
            controller.close();
        }
    }

    @Test
    void asynchronousEventsDoNotKeepTheLoopAwake() throws Exception {
        assumeTrue(Epoll.isAvailable());
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), true, polling(Duration.ofMillis(1))))
                    .toFuture();
            FakePeer controller = listener.accept();
            controller.expect(TestPdu.icReq(0, 0, TcpOptions.DEFAULT_MAX_R2T)).send(Agreed.PLAIN.icResp());
            HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);

            host.transmit(new Capsule(0x0C, 1)).block(PATIENCE);

            assertThat(expected(host.executor())).isZero();
            host.close().block(PATIENCE);
            controller.close();
        }
    }

    private static int expected(EventExecutor loop) throws Exception {
        return loop.submit(() -> BusyPolling.current().expected()).get(20, TimeUnit.SECONDS);
    }

    @Test
    void loopsOfOthersCannotPoll() {
        LoopResources others = LoopResources.create("others", 1, true);
        TransportOptions options = polling(Duration.ofNanos(1000)).with(TcpOptions.LOOP_RESOURCES, others);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TcpOptions.validate(options))
                .withMessageContaining("BusyPollingLoops");
        others.dispose();
    }

    @Test
    void loopsAreTheCallersToCountAndToDispose() throws Exception {
        assumeTrue(Epoll.isAvailable());
        BusyPollingLoops loops = BusyPollingLoops.create("mine", 1);
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(
                            listener.port(),
                            false,
                            polling(Duration.ofNanos(1000)).with(TcpOptions.LOOP_RESOURCES, loops)))
                    .toFuture();
            FakePeer controller = listener.accept();
            controller.expect(TestPdu.icReq(0, 0, TcpOptions.DEFAULT_MAX_R2T)).send(Agreed.PLAIN.icResp());
            HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);
            String thread = host.executor()
                    .submit(() -> Thread.currentThread().getName())
                    .get(20, TimeUnit.SECONDS);
            assertThat(thread).startsWith("mine-");
            host.close().block(PATIENCE);
            controller.close();
        }
        loops.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
        assertThat(loops.isDisposed()).isTrue();
    }

    @Test
    void timeIsBounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TcpOptions.validate(polling(TcpOptions.MAX_BUSY_POLL.plusNanos(1))));
        assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.validate(polling(Duration.ofNanos(-1))));
        assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.BUSY_POLL.parse("1000001"));
        assertThat(TcpOptions.BUSY_POLL.parse("50")).isEqualTo(Duration.ofNanos(50_000));
    }
}
