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
import org.junit.jupiter.api.Test;
import reactor.netty.resources.LoopResources;

class BusyPollingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long FOREVER = Long.MAX_VALUE;

    private long now;
    private final SpareProcessors processors = new SpareProcessors(1);
    private final BusyPolling polling = new BusyPolling(new PollingHabit(processors), () -> now);
    private int reads;
    private int arrivals;
    private final BusyPolling.Input input = this::read;
    private int expected;
    private int looked;
    private int ready;

    private boolean read() {
        reads++;
        if (arrivals == 0) {
            return false;
        }
        arrivals--;
        polling.arrived();
        return true;
    }

    private void expect(boolean always, int change) {
        polling.expect(input, always, expected, expected + change);
        expected += change;
    }

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
        expect(true, 2);
        expect(true, -2);
        assertThat(strategy(false)).isEqualTo(SELECT);
        assertThat(looked).isZero();
    }

    @Test
    void looksAgainAndAgainWhileSomethingIsExpected() throws Exception {
        polling.limit(FOREVER);
        expect(true, 1);
        for (int i = 0; i < 100; i++) {
            assertThat(strategy(false)).isZero();
        }
        assertThat(looked).isEqualTo(100);
        ready = 3;
        assertThat(strategy(false)).isEqualTo(3);
    }

    @Test
    void sleepsWhenItHasFoundNothingForTheTimeSet() throws Exception {
        polling.limit(2);
        expect(true, 1);
        assertThat(strategy(false)).describedAs("the time begins").isZero();
        now++;
        assertThat(strategy(false)).isZero();
        now++;
        assertThat(strategy(false)).isEqualTo(SELECT);
        assertThat(strategy(false)).describedAs("after it was woken").isZero();
    }

    @Test
    void tasksAreNotKeptWaiting() throws Exception {
        assertThat(strategy(true)).isZero();
        assertThat(looked).isEqualTo(1);
    }

    /** Waits that end at once, until looking is tried. */
    private void learn() throws Exception {
        for (int waits = 0; waits < PollingHabit.FIRST_TRIAL; waits++) {
            assertThat(strategy(false)).isEqualTo(SELECT);
            polling.arrived();
        }
    }

    /** Has learnt that looking for so long pays for the one thing that is expected. */
    private void learnt(long limit) throws Exception {
        polling.adaptiveLimit(limit);
        expect(false, 1);
        learn();
    }

    @Test
    void whereItHasNotPaidTheLoopSleepsWithoutALook() throws Exception {
        learnt(FOREVER / 2);
        assertThat(looked).isZero();
        assertThat(reads).isZero();
    }

    @Test
    void whereWaitsAreShortTheLoopLooksBeforeItSleeps() throws Exception {
        learnt(FOREVER / 2);
        for (int i = 0; i < 100; i++) {
            assertThat(strategy(false)).isZero();
        }
        assertThat(looked).isEqualTo(100);
    }

    @Test
    void loopThatIsWokenByTasksInShortTimeLooksForThemToo() throws Exception {
        polling.adaptiveLimit(FOREVER / 2);
        expect(false, 1);
        for (int waits = 0; waits < PollingHabit.FIRST_TRIAL; waits++) {
            assertThat(strategy(false)).isEqualTo(SELECT);
            assertThat(strategy(true)).isZero();
        }
        assertThat(strategy(false)).isZero();
    }

    @Test
    void loopSleepsAgainWhenLookingIsInVain() throws Exception {
        learnt(2);
        for (int misses = 0; misses <= PollingHabit.TRIAL / PollingHabit.MISS; misses++) {
            assertThat(strategy(false)).describedAs("looks").isZero();
            now++;
            assertThat(strategy(false)).isZero();
            now++;
            assertThat(strategy(false)).isEqualTo(SELECT);
            polling.arrived();
        }
        looked = 0;
        assertThat(strategy(false)).isEqualTo(SELECT);
        assertThat(looked).isZero();
    }

    @Test
    void waitsWithNothingExpectedAreNotLearntFrom() throws Exception {
        polling.adaptiveLimit(FOREVER / 2);
        learn();
        expect(false, 1);
        assertThat(strategy(false)).isEqualTo(SELECT);
    }

    @Test
    void processorIsLeftToOthersWhenTheLoopSleeps() throws Exception {
        learnt(FOREVER / 2);
        assertThat(strategy(false)).isZero();
        assertThat(processors.take()).isFalse();
        expect(false, -1);
        assertThat(strategy(false)).isEqualTo(SELECT);
        assertThat(processors.take()).isTrue();
    }

    @Test
    void processorIsLeftToOthersWhenTheLastConnectionEnds() throws Exception {
        learnt(FOREVER / 2);
        assertThat(strategy(false)).isZero();
        polling.ended();
        assertThat(processors.take()).describedAs("another connection has one").isFalse();
        expect(false, -1);
        polling.ended();
        assertThat(processors.take()).isTrue();
    }

    @Test
    void onlyConnectionIsReadWithoutAskingEpollButEpollIsAskedInBetween() throws Exception {
        polling.limit(FOREVER);
        expect(true, 1);
        arrivals = 3;
        assertThat(strategy(false)).isZero();
        assertThat(reads).describedAs("until it has nothing").isEqualTo(4);
        assertThat(looked).isEqualTo(1);
        arrivals = 1000;
        assertThat(strategy(false)).isZero();
        assertThat(reads).describedAs("at most eight at a time").isEqualTo(4 + 8);
        assertThat(looked).isEqualTo(2);
    }

    @Test
    void tasksComeBeforeStraightReads() throws Exception {
        polling.limit(FOREVER);
        expect(true, 1);
        arrivals = 1;
        assertThat(strategy(true)).isZero();
        assertThat(reads).isZero();
    }

    @Test
    void severalConnectionsAreLeftToEpoll() throws Exception {
        polling.limit(FOREVER);
        expect(true, 1);
        BusyPolling.Input other = () -> {
            throw new AssertionError("read");
        };
        polling.expect(other, true, 0, 3);
        assertThat(strategy(false)).isZero();
        assertThat(reads).isZero();
        polling.expect(other, true, 3, 0);
        expect(true, 1);
        assertThat(strategy(false)).isZero();
        assertThat(reads).describedAs("again the only one").isEqualTo(1);
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
    void ordinaryLoopsCanPollUnlessToldNotTo() throws Exception {
        assumeTrue(Epoll.isAvailable());
        assertThat(expectedOfOneCommand(TransportOptions.none())).isEqualTo(1);
        assertThat(expectedOfOneCommand(TransportOptions.none().with(TcpOptions.ADAPTIVE_POLL, Duration.ZERO)))
                .isZero();
    }

    private static int expectedOfOneCommand(TransportOptions options) throws Exception {
        BusyPollingLoops own = BusyPollingLoops.create("own", 1);
        try (FakePeer.Listener listener = FakePeer.listen()) {
            CompletableFuture<HostQueuePair> connecting = new TcpTransportProvider()
                    .connect(parameters(listener.port(), false, options.with(TcpOptions.LOOP_RESOURCES, own)))
                    .toFuture();
            FakePeer controller = listener.accept();
            controller.expect(TestPdu.icReq(0, 0, TcpOptions.DEFAULT_MAX_R2T)).send(Agreed.PLAIN.icResp());
            HostQueuePair host = connecting.get(20, TimeUnit.SECONDS);
            host.transmit(new Capsule(0, 2)).block(PATIENCE);
            int expected = expected(host.executor());
            host.close().block(PATIENCE);
            controller.close();
            return expected;
        } finally {
            own.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
        }
    }

    @Test
    void sharedLoopsArePollingLoopsWithEpoll() {
        assertThat(EventLoops.shared() instanceof BusyPollingLoops).isEqualTo(Epoll.isAvailable());
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
        assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.ADAPTIVE_POLL.parse("1001"));
        assertThat(TcpOptions.ADAPTIVE_POLL.parse("0")).isZero();
    }
}
