package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Demand from any thread at any moment is heard: a stream that has work and demand does not stand still. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamWakeUpTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 256;
    private static final int STREAMS = Integer.getInteger("nvmf.test.streams", 100);

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final DefaultEventExecutor other = new DefaultEventExecutor();
    private final NamespaceFixture oneQueue =
            NamespaceFixture.blocks(BLOCKS).executor(executor).build();
    private final NamespaceFixture severalQueues =
            NamespaceFixture.blocks(BLOCKS).queues(3).executors(executor, other).build();

    @AfterAll
    void stop() {
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Where demand comes from. */
    enum Shape {
        CONCAT_MAP,
        CONCAT_MAP_ELSEWHERE,
        FLAT_MAP,
        PUBLISH_ON,
        ONE_BY_ONE
    }

    private static Flux<ByteBuf> shaped(Shape shape, Flux<ByteBuf> stream) {
        return switch (shape) {
            case CONCAT_MAP -> stream.concatMap(Mono::just, 32);
            case CONCAT_MAP_ELSEWHERE ->
                stream.concatMap(buffer -> Mono.just(buffer).subscribeOn(Schedulers.parallel()), 32);
            case FLAT_MAP -> stream.flatMap(buffer -> Mono.just(buffer).subscribeOn(Schedulers.parallel()), 8);
            case PUBLISH_ON -> stream.publishOn(Schedulers.parallel(), 2);
            case ONE_BY_ONE -> stream.limitRate(1).publishOn(Schedulers.parallel(), 1);
        };
    }

    @ParameterizedTest
    @EnumSource
    void streamsComeToTheirEnd(Shape shape) {
        comeToTheirEnd(oneQueue, shape);
    }

    @ParameterizedTest
    @EnumSource
    void streamsOverSeveralQueuesComeToTheirEnd(Shape shape) {
        comeToTheirEnd(severalQueues, shape);
    }

    private static void comeToTheirEnd(NamespaceFixture fixture, Shape shape) {
        Long bytes = Flux.range(0, STREAMS)
                .flatMap(
                        i -> shaped(
                                        shape,
                                        fixture.namespace.readStream(
                                                0,
                                                (long) BLOCKS * BLOCK,
                                                ReadStreamOptions.defaults()
                                                        .chunkSize(BLOCK)
                                                        .queues(3)
                                                        .window(1 + i % 16)))
                                .map(buffer -> {
                                    int length = buffer.readableBytes();
                                    buffer.release();
                                    return (long) length;
                                }),
                        4)
                .reduce(0L, Long::sum)
                .block(Duration.ofSeconds(30 + STREAMS / 10));
        assertThat(bytes).isEqualTo((long) STREAMS * BLOCKS * BLOCK);
    }

    /** The event loop goes on, but has too many tasks to take the one that looks at the demand. */
    @Test
    void demandThatMeetsAFullEventLoopIsNotLost() {
        NamespaceFixture fixture = NamespaceFixture.blocks(BLOCKS).build();
        Recorder<ByteBuf> reader = new Recorder<>(0);
        fixture.namespace
                .readStream(0, 4 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .subscribe(reader);
        fixture.pump();
        fixture.loop.full(true);
        reader.request(1);
        reader.request(1);
        fixture.loop.full(false);
        Awaitility.await().until(() -> fixture.loop.pendingTasks() > 0);
        fixture.pump();
        assertThat(reader.elements).hasSize(2);
        reader.request(2);
        fixture.pump();
        assertThat(reader.elements).hasSize(4);
        reader.elements.forEach(ByteBuf::release);
        assertThat(fixture.usedMemory()).isZero();
    }

    /** Another thread asks for the next element while the event loop may still be delivering the last. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void demandThatMeetsADeliveryIsNotLost(boolean several) {
        NamespaceFixture fixture = several ? severalQueues : oneQueue;
        for (int i = 0; i < STREAMS; i++) {
            BaseSubscriber<ByteBuf> subscriber = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    request(1);
                }

                @Override
                protected void hookOnNext(ByteBuf buffer) {
                    buffer.release();
                    Schedulers.parallel().schedule(() -> request(1));
                }
            };
            Mono<Void> done = Mono.create(sink -> fixture.namespace
                    .readStream(
                            0,
                            64L * BLOCK,
                            ReadStreamOptions.defaults().chunkSize(BLOCK).queues(3))
                    .doOnTerminate(sink::success)
                    .subscribe(subscriber));
            done.block(Duration.ofSeconds(30));
        }
    }
}
