package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.host.queue.Discarded;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.testing.ExhaustibleAllocator;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;

/**
 * Operators behind a stream of a real controller, on real threads: cancelled at each element, and failed at each
 * element, they leave no buffer behind when the chain ends with {@link NvmeBuffers#releaseDiscarded()}.
 */
@Timeout(120)
class OperatorLeaksTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:leaks";
    private static final int BLOCK = 512;
    private static final int ELEMENTS = 12;
    private static final int ROUNDS = 5;
    private static final Duration MOMENT = Duration.ofNanos(50_000);

    private static final ExhaustibleAllocator MEMORY = new ExhaustibleAllocator(false);
    private static final TransportRegistry TRANSPORTS = TransportRegistry.empty()
            .register(new LoopTransport(LoopTransportOptions.defaults().withAllocator(MEMORY)));

    private static BoundTarget target;
    private static NvmeController controller;
    private static NvmeNamespace namespace;

    private final StreamStatistics statistics = new StreamStatistics();

    @BeforeAll
    static void connect() {
        target = NvmeTarget.create()
                .subsystem(NQN, subsystem -> subsystem.namespace(1, BlockStore.nullBlocks(1 << 20, BLOCK)))
                .transport(TransportType.LOOP)
                .registry(TRANSPORTS)
                .bind()
                .block();
        controller = NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(TRANSPORTS)
                .remoteAddress(target.address())
                .subsystem(NQN)
                .connect()
                .block();
        namespace = controller.namespace(1).block();
    }

    @AfterAll
    static void close() {
        controller.close().block();
        target.close().block();
    }

    private static Arguments op(String name, Function<Flux<Object>, Publisher<?>> operator) {
        return Arguments.of(Named.of(name, operator));
    }

    static Stream<Arguments> operators() {
        return Stream.of(
                op("none", stream -> stream),
                op("map", stream -> stream.map(x -> x)),
                op("filter", stream -> stream.filter(new EverySecond()::test)),
                op("take", stream -> stream.take(5)),
                op("limitRate", stream -> stream.limitRate(4)),
                op("publishOn", stream -> stream.transform(NvmeBuffers.publishOn(Schedulers.parallel(), 8))),
                op(
                        "publishOn twice",
                        stream -> stream.transform(NvmeBuffers.publishOn(Schedulers.parallel(), 4))
                                .transform(NvmeBuffers.publishOn(Schedulers.boundedElastic(), 4))),
                op("flatMap", stream -> stream.flatMap(Mono::just, 4)),
                op("concatMap", stream -> stream.concatMap(Mono::just, 8)),
                op(
                        "concatMap of something",
                        stream -> stream.concatMap(x -> Mono.just(x).hide(), 8)),
                op("switchMap", stream -> stream.switchMap(Mono::just)),
                op("timeout", stream -> stream.timeout(Duration.ofSeconds(20))),
                op("timeout that passes", stream -> stream.timeout(MOMENT, Flux.empty())),
                op("zip", stream -> stream.zipWith(Flux.range(0, 8))),
                op(
                        "zip with a slow one",
                        stream -> stream.zipWith(Flux.interval(MOMENT).onBackpressureDrop())),
                op("buffer", stream -> stream.buffer(3)),
                op("bufferTimeout", stream -> stream.bufferTimeout(3, MOMENT.multipliedBy(4), true)),
                op("delayElements", stream -> stream.delayElements(MOMENT)),
                op(
                        "delayElements and timeout",
                        stream -> stream.delayElements(MOMENT).timeout(Duration.ofSeconds(20))),
                op("window", stream -> stream.window(3).concatMap(part -> part, 2)),
                op("onBackpressureBuffer", stream -> stream.onBackpressureBuffer()));
    }

    private static final class EverySecond {
        private int count;

        boolean test(Object element) {
            return count++ % 2 == 0;
        }
    }

    /** Takes elements, releases them, and leaves in the way that the test says at the element that it says. */
    private static final class Leaver extends BaseSubscriber<Object> {

        private final int leaveAt;
        private final CountDownLatch end = new CountDownLatch(1);
        private int seen;

        Leaver(int leaveAt) {
            this.leaveAt = leaveAt;
        }

        @Override
        protected void hookOnNext(Object element) {
            Discarded.release(element);
            if (++seen == leaveAt) {
                cancel();
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {}

        @Override
        protected void hookFinally(SignalType type) {
            end.countDown();
        }
    }

    private Flux<Object> stream() {
        return namespace
                .readStream(
                        0,
                        ELEMENTS * BLOCK,
                        ReadStreamOptions.defaults()
                                .chunkSize(BLOCK)
                                .maxBuffered(ELEMENTS * BLOCK)
                                .statistics(statistics))
                .cast(Object.class);
    }

    private void run(Flux<Object> chain, int leaveAt) throws InterruptedException {
        Leaver leaver = new Leaver(leaveAt);
        chain.transform(NvmeBuffers.releaseDiscarded()).subscribe(leaver);
        if (leaveAt == 0) {
            leaver.cancel();
        }
        assertThat(leaver.end.await(30, TimeUnit.SECONDS)).isTrue();
        Awaitility.await()
                .alias("at element " + leaveAt)
                .untilAsserted(() -> assertThat(statistics.bytesHeld()).isZero());
    }

    private static void assertNothingHeld() {
        Awaitility.await().untilAsserted(() -> assertThat(MEMORY.usedMemory()).isZero());
    }

    @ParameterizedTest
    @MethodSource("operators")
    void nothingIsLeftAfterACancelAtAnyElement(Function<Flux<Object>, Publisher<?>> operator) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            for (int at = 0; at <= ELEMENTS + 1; at++) {
                run(Flux.from(operator.apply(stream())), at);
            }
        }
        assertNothingHeld();
    }

    @ParameterizedTest
    @MethodSource("operators")
    void nothingIsLeftAfterAFailureAtAnyElement(Function<Flux<Object>, Publisher<?>> operator) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            for (int at = 1; at <= ELEMENTS; at++) {
                int failAt = at;
                int[] seen = {0};
                run(
                        Flux.<Object>from(operator.apply(stream())).map(element -> {
                            if (++seen[0] == failAt) {
                                Discarded.release(element);
                                throw new IllegalStateException("user");
                            }
                            return element;
                        }),
                        -1);
            }
        }
        assertNothingHeld();
    }
}
