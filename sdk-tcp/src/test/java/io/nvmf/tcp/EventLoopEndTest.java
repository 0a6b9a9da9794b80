package io.nvmf.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.BoundTarget;
import io.nvmf.NvmeClient;
import io.nvmf.NvmeController;
import io.nvmf.NvmeNamespace;
import io.nvmf.NvmeTarget;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.recovery.Recovery;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.testing.Recorder;
import io.nvmf.testing.SlowlyEndingExecutor;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Event loops that are shut down under an association end it as this side's doing, and everybody who waits for anything
 * hears.
 */
class EventLoopEndTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:disk";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;
    private static final int SLOTS = 2;

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private final VirtualTimeScheduler timer = VirtualTimeScheduler.create();

    @BeforeEach
    void listenToDroppedErrors() {
        Hooks.onErrorDropped(dropped::add);
        Schedulers.onHandleError((thread, error) -> dropped.add(error));
    }

    @AfterEach
    void nothingWasDropped() {
        Hooks.resetOnErrorDropped();
        Schedulers.resetOnHandleError();
        assertThat(dropped).isEmpty();
    }

    /** Answers no read before the test is over. */
    private static final class SilentStore extends DelegatingBlockStore {

        private final List<MonoSink<ByteBuf>> asked = new CopyOnWriteArrayList<>();

        SilentStore() {
            super(BlockStore.memory(1 << 20, BLOCK));
        }

        @Override
        public Mono<ByteBuf> read(long offset, int length) {
            return Mono.create(asked::add);
        }
    }

    private NvmeTarget target(SilentStore store) {
        return NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, store))
                .options(options -> options.drainTimeout(Duration.ofMillis(10)).storeTimeout(Duration.ofMillis(100)));
    }

    @ParameterizedTest
    @CsvSource({"TCP, true", "TCP, false", "LOOP, true", "LOOP, false"})
    void everySubscriptionEnds(TransportType transport, boolean timerFiresAtOnce) throws Exception {
        SilentStore store = new SilentStore();
        SlowlyEndingExecutor slowlyEnding = new SlowlyEndingExecutor();
        EventExecutorGroup loops;
        BoundTarget target;
        NvmeClient client = NvmeClient.create()
                .recovery(Recovery.none())
                .subsystem(NQN)
                .timer(timer)
                .keepAlive(Duration.ofMinutes(2)) // the target hears of the end before that
                .ioQueues(1)
                .queueSize(SLOTS + 1);
        if (transport == TransportType.TCP) {
            LoopResources resources = LoopResources.create("ends", 1, true);
            EventLoopGroup group = resources.onClient(LoopResources.DEFAULT_NATIVE);
            loops = group;
            target = target(store).bindAddress("127.0.0.1", 0).bind().block(PATIENCE);
            client = client.option(TcpOptions.LOOP_RESOURCES, resources).remoteAddress("127.0.0.1", target.port());
        } else {
            loops = slowlyEnding;
            if (!timerFiresAtOnce) {
                slowlyEnding.mayEnd();
            }
            TransportRegistry registry = TransportRegistry.empty()
                    .register(new LoopTransport(LoopTransportOptions.defaults()
                            .withExecutors(
                                    loops, LoopTransportOptions.defaults().controllerExecutors())));
            target =
                    target(store).transport(transport).registry(registry).bind().block(PATIENCE);
            client = client.transport(transport).registry(registry).remoteAddress(target.address());
        }
        NvmeController controller = client.connect().block(PATIENCE);
        NvmeNamespace namespace = controller.namespace(1).block(PATIENCE);
        List<Recorder<?>> inFlight = new ArrayList<>();
        List<Recorder<?>> waiting = new ArrayList<>();
        ByteBuf destination = Unpooled.directBuffer(BLOCK, BLOCK);
        inFlight.add(subscribe(namespace.read(0, 1)));
        inFlight.add(subscribe(namespace.readInto(1, destination)));
        Awaitility.await().atMost(PATIENCE).until(() -> store.asked.size() == SLOTS);
        waiting.add(subscribe(namespace.read(2, 1)));
        ByteBuf data = Unpooled.directBuffer(BLOCK).writeZero(BLOCK);
        waiting.add(subscribe(namespace.write(3, data)));
        waiting.add(subscribe(namespace.flush()));
        AtomicInteger cancels = new AtomicInteger();
        Flux<ByteBuf> silent = Flux.<ByteBuf>never().doOnCancel(cancels::incrementAndGet);
        Recorder<?> writeStream = subscribe(namespace.writeStream(0, silent));
        Recorder<?> readStream = subscribe(namespace.readStream(0, 1 << 20));
        Recorder<Object> undemanding = new Recorder<>(0);
        namespace.readStream(0, 1 << 20).subscribe(undemanding);
        Recorder<?> bulk = subscribe(
                controller.ioQueues().get(0).execute(Flux.<Command>never().doOnCancel(cancels::incrementAndGet)));

        loops.next().submit(() -> {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        });
        if (timerFiresAtOnce) {
            Awaitility.await().atMost(PATIENCE).until(loops::isShutdown);
            timer.advanceTimeBy(Duration.ofMinutes(5));
            slowlyEnding.mayEnd();
        }

        controller.onClose().block(PATIENCE);
        assertThat(controller.isConnected()).isFalse();
        assertThat(controller.termination())
                .contains(new Termination.Closed(Termination.Side.LOCAL, Termination.Closed.EVENT_LOOP_SHUT_DOWN));
        inFlight.forEach(recorder -> assertThat(outcome(recorder)).isEqualTo(CommandOutcome.UNKNOWN));
        waiting.forEach(recorder -> assertThat(outcome(recorder)).isEqualTo(CommandOutcome.NOT_SENT));
        assertThat(ended(writeStream)).isInstanceOf(NvmeTransferException.class);
        assertThat(ended(readStream)).isInstanceOf(NvmeException.class);
        assertThat(ended(undemanding)).isInstanceOf(NvmeException.class);
        assertThat(ended(bulk)).isInstanceOf(NvmeException.class);
        assertThat(cancels).hasValue(2);
        assertThat(data.refCnt()).isZero();
        Awaitility.await().atMost(PATIENCE).until(() -> destination.refCnt() == 1);
        destination.release();

        timer.advanceTimeBy(Duration.ofMinutes(5));
        assertThat(outcome(subscribe(namespace.read(0, 1)))).isEqualTo(CommandOutcome.NOT_SENT);
        controller.close().block(PATIENCE);
        Awaitility.await().atMost(PATIENCE).until(() -> target.controllers() == 0);
        store.asked.forEach(read -> read.error(new IllegalStateException("the test is over")));
        target.close().block(PATIENCE);
    }

    private static Recorder<?> subscribe(Flux<?> work) {
        Recorder<Object> recorder = new Recorder<>(Long.MAX_VALUE);
        work.cast(Object.class).subscribe(recorder);
        return recorder;
    }

    private static Recorder<?> subscribe(Mono<?> work) {
        return subscribe(work.flux());
    }

    private static Throwable ended(Recorder<?> recorder) {
        Awaitility.await().atMost(PATIENCE).until(recorder::isDone);
        assertThat(recorder.errors).hasSize(1);
        return recorder.errors.get(0);
    }

    private static CommandOutcome outcome(Recorder<?> recorder) {
        assertThat(ended(recorder)).isInstanceOf(NvmeConnectionException.class);
        return ((NvmeConnectionException) recorder.errors.get(0)).outcome();
    }
}
