package io.nvmf.spring.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** Every buffer is watched: one that is not released fails the test that it is of. */
class NvmeDataBuffersTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    static Stream<DataBufferFactory> factories() {
        return Stream.of(
                new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT),
                new DefaultDataBufferFactory(),
                new DefaultDataBufferFactory(true));
    }

    private static ByteBuf buffer(String text) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer();
        buffer.writeCharSequence(text, UTF_8);
        return buffer;
    }

    @ParameterizedTest
    @MethodSource("factories")
    void aBufferOfTheSdkIsTheOneOfSpring(DataBufferFactory factory) {
        ByteBuf original = buffer("hello");

        DataBuffer result =
                NvmeDataBuffers.toDataBuffers(Flux.just(original), factory).blockLast();

        assertThat(result).isInstanceOf(NettyDataBuffer.class);
        assertThat(((NettyDataBuffer) result).getNativeBuffer()).isSameAs(original);
        assertThat(result.toString(UTF_8)).isEqualTo("hello");
        assertThat(DataBufferUtils.release(result)).isTrue();
        assertThat(original.refCnt()).isZero();
    }

    @Test
    void theFactoryOfTheServerMakesTheBuffersIfItIsNettys() {
        NettyDataBufferFactory factory = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);

        DataBuffer result =
                NvmeDataBuffers.toDataBuffers(Flux.just(buffer("x")), factory).blockLast();

        assertThat(result.factory()).isSameAs(factory);
        DataBufferUtils.release(result);
    }

    @Test
    void aRetainedBufferOfSpringKeepsTheOneOfTheSdk() {
        ByteBuf original = buffer("hello");
        DataBuffer result = NvmeDataBuffers.toDataBuffers(Flux.just(original), new DefaultDataBufferFactory())
                .blockLast();

        DataBufferUtils.retain(result);
        assertThat(original.refCnt()).isEqualTo(2);
        DataBufferUtils.release(result);
        assertThat(original.refCnt()).isEqualTo(1);
        DataBufferUtils.release(result);
        assertThat(original.refCnt()).isZero();
    }

    @Test
    void aBufferOfNettyComesBackAsItself() {
        ByteBuf original = buffer("hello");
        NettyDataBuffer data = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT).wrap(original);
        data.read();

        ByteBuf result = NvmeDataBuffers.toByteBufs(Flux.just(data)).blockLast();

        assertThat(result).isSameAs(original);
        assertThat(result.toString(UTF_8)).isEqualTo("ello");
        assertThat(result.release()).isTrue();
    }

    @Test
    void theReadableBytesOfAnyOtherBufferAreShared() {
        DefaultDataBuffer data = new DefaultDataBufferFactory().wrap("hello".getBytes(UTF_8));
        data.readPosition(1).writePosition(4);

        ByteBuf result = NvmeDataBuffers.toByteBufs(Flux.just(data)).blockLast();

        assertThat(result.toString(UTF_8)).isEqualTo("ell");
        data.getNativeBuffer().put(1, (byte) 'a');
        assertThat(result.toString(UTF_8)).as("no copy").isEqualTo("all");
        assertThat(result.release()).isTrue();
    }

    @Test
    void anEmptyBufferIsAnEmptyBuffer() {
        DefaultDataBuffer data = new DefaultDataBufferFactory().wrap(new byte[0]);

        ByteBuf result = NvmeDataBuffers.toByteBuf(data);

        assertThat(result.isReadable()).isFalse();
        assertThat(result.release()).isTrue();
    }

    @Test
    void theMemoryOfAnotherPoolIsReturnedWithTheLastReference() {
        AtomicBoolean released = new AtomicBoolean();
        DataBuffer data = PooledElsewhere.wrap(ByteBuffer.wrap("hello".getBytes(UTF_8)), () -> released.set(true));

        ByteBuf result = NvmeDataBuffers.toByteBufs(Flux.just(data)).blockLast();
        ByteBuf slice = result.retainedSlice(1, 2);
        result.release();
        assertThat(released).isFalse();
        assertThat(slice.toString(UTF_8)).isEqualTo("el");
        slice.release();

        assertThat(released).isTrue();
    }

    @Test
    void demandPassesThroughInBothDirections() {
        TestPublisher<ByteBuf> read = TestPublisher.create();
        StepVerifier.create(NvmeDataBuffers.toDataBuffers(read.flux(), new DefaultDataBufferFactory()), 0)
                .thenRequest(3)
                .then(() -> read.assertMinRequested(3))
                .thenCancel()
                .verify(LIMIT);

        TestPublisher<DataBuffer> body = TestPublisher.create();
        StepVerifier.create(NvmeDataBuffers.toByteBufs(body), 0)
                .thenRequest(2)
                .then(() -> body.assertMinRequested(2))
                .thenCancel()
                .verify(LIMIT);
        read.assertCancelled();
        body.assertCancelled();
    }

    @Test
    void whatHasPassedIsTheSubscribersWhenTheSourceFails() {
        ByteBuf first = buffer("first");
        List<DataBuffer> seen = new ArrayList<>();

        StepVerifier.create(NvmeDataBuffers.toDataBuffers(
                        Flux.just(first).concatWith(Flux.error(new IllegalStateException("lost"))),
                        new DefaultDataBufferFactory()))
                .consumeNextWith(seen::add)
                .verifyErrorMessage("lost");

        assertThat(first.refCnt()).isEqualTo(1);
        seen.forEach(DataBufferUtils::release);
        assertThat(first.refCnt()).isZero();
    }

    @Test
    void whatWaitsBeforeTheBridgeIsReleasedWhenTheWriteIsCancelled() {
        ByteBuf first = buffer("first");
        ByteBuf second = buffer("second");
        NettyDataBufferFactory factory = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT);
        TakesOne taker = new TakesOne();

        NvmeDataBuffers.toByteBufs(Flux.just(first, second)
                        .hide()
                        .<DataBuffer>map(factory::wrap)
                        .publishOn(Schedulers.immediate(), 2))
                .subscribe(taker);
        taker.request(1);

        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void whatWaitsBehindTheBridgeIsReleasedByTheHookAtTheEndOfTheChain() {
        ByteBuf first = buffer("first");
        ByteBuf second = buffer("second");
        ByteBuf third = buffer("third");
        List<DataBuffer> taken = new ArrayList<>();

        BaseSubscriber<DataBuffer> taker = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                // not before everything waits
            }

            @Override
            protected void hookOnNext(DataBuffer buffer) {
                taken.add(buffer);
                cancel();
            }
        };
        NvmeDataBuffers.toDataBuffers(Flux.just(first, second, third).hide(), new DefaultDataBufferFactory())
                .publishOn(Schedulers.immediate(), 4)
                .transform(NvmeDataBuffers.releaseDiscarded())
                .subscribe(taker);
        taker.request(1);

        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(second.refCnt()).isZero();
        assertThat(third.refCnt()).isZero();
        taken.forEach(DataBufferUtils::release);
    }

    @Test
    void theHookReleasesBuffersOfBothKinds() {
        ByteBuf of = buffer("sdk");
        ByteBuf wrapped = buffer("spring");
        DataBuffer data = new NettyDataBufferFactory(PooledByteBufAllocator.DEFAULT).wrap(wrapped);

        Flux.<Object>just(of, data)
                .filter(element -> false)
                .transform(NvmeDataBuffers.releaseDiscarded())
                .blockLast();

        assertThat(of.refCnt()).isZero();
        assertThat(wrapped.refCnt()).isZero();
    }

    private static final class TakesOne extends BaseSubscriber<ByteBuf> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // not before everything waits
        }

        @Override
        protected void hookOnNext(ByteBuf buffer) {
            buffer.release();
            cancel();
        }
    }
}
