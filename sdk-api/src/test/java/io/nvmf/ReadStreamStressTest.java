package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Read streams whose demand comes from threads that are not theirs, at whatever moment they are in, through operators
 * with queues: none stands still. A watch-dog tells of one that does in which state it is. Takes a moment;
 * {@code -Dnvmf.stress.seconds=600} makes it look further.
 */
class ReadStreamStressTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 512;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long SECONDS = Long.getLong("nvmf.stress.seconds", 1);

    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final DefaultEventExecutor other = new DefaultEventExecutor();
    private final Scheduler threads = Schedulers.newParallel("foreign", 3);
    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(BLOCKS).queues(3).executors(loop, other).build();
    private final StreamStatistics statistics = new StreamStatistics();

    @AfterEach
    void stop() {
        threads.dispose();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Arguments chain(String name, Function<Flux<ByteBuf>, Flux<ByteBuf>> operators) {
        return Arguments.of(Named.of(name, operators));
    }

    /**
     * Inner publishers are hidden: with values that are there at once ({@code Mono.just}), concatMap of Reactor 3.8.7 loses
     * demand from other threads, of whatever source.
     */
    static Stream<Arguments> chains() {
        return Stream.of(
                chain("none", stream -> stream),
                chain(
                        "concatMap of publishers",
                        stream -> stream.concatMap(x -> Mono.just(x).hide(), 32)),
                chain(
                        "map and concatMap",
                        stream -> stream.map(x -> Mono.just(x).hide()).concatMap(x -> x, 32)),
                chain("publishOn", stream -> stream.publishOn(Schedulers.parallel(), 16)),
                chain("limitRate", stream -> stream.limitRate(4)));
    }

    /** Asks for a few at a time, and releases, on other threads. */
    private final class Foreign extends BaseSubscriber<ByteBuf> {

        private final CountDownLatch end = new CountDownLatch(1);
        private final AtomicLong received = new AtomicLong();
        private final AtomicLong asked = new AtomicLong();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            ask();
        }

        private void ask() {
            int n = 1 + ThreadLocalRandom.current().nextInt(5);
            asked.addAndGet(n);
            threads.schedule(() -> request(n));
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            threads.schedule(buffer::release);
            if (received.incrementAndGet() == asked.get()) {
                ask();
            } else if (ThreadLocalRandom.current().nextInt(4) == 0) {
                ask();
            }
        }

        @Override
        protected void hookOnComplete() {
            end.countDown();
        }

        @Override
        protected void hookOnError(Throwable thrown) {
            failure.set(thrown);
            end.countDown();
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void noStreamStandsStill(Function<Flux<ByteBuf>, Flux<ByteBuf>> operators) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS) / 2;
        int streams = 0;
        while (System.nanoTime() < until || streams < 20) {
            int queues = 1 + streams % 3;
            int window = 1 + streams % 17;
            long bound = streams % 2 == 0 ? ReadStreamOptions.UNLIMITED : (long) (1 + streams % 7) * BLOCK;
            AtomicReference<Subscription> subscription = new AtomicReference<>();
            Foreign subscriber = new Foreign();
            fixture.namespace
                    .readStream(
                            0,
                            (long) BLOCKS * BLOCK,
                            ReadStreamOptions.defaults()
                                    .chunkSize(BLOCK)
                                    .window(window)
                                    .queues(queues)
                                    .maxBuffered(bound)
                                    .statistics(statistics))
                    .doOnSubscribe(subscription::set)
                    .as(operators)
                    .subscribe(subscriber);
            if (!subscriber.end.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                dump(subscription.get(), subscriber);
            }
            assertThat(subscriber.failure.get()).isNull();
            assertThat(subscriber.received.get()).isEqualTo(BLOCKS);
            streams++;
        }
        Awaitility.await().atMost(PATIENCE).until(() -> fixture.usedMemory() == 0);
    }

    private void dump(Subscription stream, Foreign subscriber) {
        StringBuilder text = new StringBuilder("a stream stands still: ")
                .append(stream)
                .append(", ")
                .append(statistics)
                .append(", asked ")
                .append(subscriber.asked)
                .append(", received ")
                .append(subscriber.received)
                .append(", sent ")
                .append(fixture.sent());
        for (Map.Entry<Thread, StackTraceElement[]> thread :
                Thread.getAllStackTraces().entrySet()) {
            text.append("\n").append(thread.getKey());
            for (StackTraceElement frame : thread.getValue()) {
                text.append("\n    ").append(frame);
            }
        }
        fail(text.toString());
    }
}
