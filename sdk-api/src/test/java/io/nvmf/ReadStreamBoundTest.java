package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A read stream whose bytes are bounded until its buffers are released, whoever has them. */
class ReadStreamBoundTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final int BLOCKS = 64;

    private final NamespaceFixture fixture = filled(NamespaceFixture.blocks(BLOCKS));
    private final StreamStatistics statistics = new StreamStatistics();
    private final ReadStreamOptions threeBlocks =
            ReadStreamOptions.defaults().chunkSize(BLOCK).maxBuffered(3 * BLOCK).statistics(statistics);

    private static NamespaceFixture filled(NamespaceFixture.Builder builder) {
        NamespaceFixture fixture = builder.build();
        fixture.controller.fill();
        return fixture;
    }

    private Recorder<ByteBuf> read(ReadStreamOptions options, long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        fixture.namespace.readStream(0, (long) BLOCKS * BLOCK, options).subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private void release(ByteBuf buffer) {
        buffer.release();
        fixture.pump();
    }

    private void assertNothingHeld() {
        assertThat(statistics.bytesHeld()).isZero();
        assertThat(statistics.isWaitingForRelease()).isFalse();
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void aBufferCountsUntilItIsReleased() {
        Recorder<ByteBuf> recorder = read(threeBlocks, Long.MAX_VALUE);
        assertThat(recorder.elements).hasSize(3);
        assertThat(fixture.controller.wire).hasSize(3);
        assertThat(statistics.bytesHeld()).isEqualTo(3 * BLOCK);
        assertThat(statistics.isWaitingForRelease()).isTrue();

        recorder.elements.get(1).release();
        assertThat(statistics.isWaitingForRelease())
                .as("before the event loop knows of the release")
                .isFalse();
        fixture.pump();
        assertThat(fixture.controller.wire).hasSize(4);
        assertThat(statistics.isWaitingForRelease()).isTrue();
        for (int i = 0; i < BLOCKS; i++) {
            if (i != 1) {
                assertThat(fixture.controller.usedMemory()).isLessThanOrEqualTo(3 * BLOCK);
                release(recorder.elements.get(i));
            }
        }
        assertThat(recorder.completes).isOne();
        assertThat(statistics.peakBytesHeld()).isEqualTo(3 * BLOCK);
        assertThat(statistics.limitBytes()).isEqualTo(3 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void commandsInFlightCount() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(threeBlocks, Long.MAX_VALUE);
        assertThat(fixture.controller.outstanding()).isEqualTo(3);
        assertThat(statistics.bytesHeld()).isEqualTo(3 * BLOCK);
        assertThat(statistics.isWaitingForRelease()).isFalse();
        fixture.answerNewest();
        assertThat(fixture.controller.outstanding()).isEqualTo(2);
        recorder.cancel();
        fixture.pump();
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void aBodyHasAnyOffsetAndLength() {
        Recorder<ByteBuf> recorder = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace.readBody(10, 9 * BLOCK + 5).subscribe(recorder);
        fixture.pump();
        assertThat(recorder.completes).isOne();
        ByteBuf read = recorder.elements.get(0);
        assertThat(read).isEqualTo(Unpooled.wrappedBuffer(fixture.media(), 10, 9 * BLOCK + 5));
        release(read);
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    static Stream<Arguments> holders() {
        return Stream.of(
                holder("slice", buffer -> buffer.slice(3, 9)),
                holder("duplicate", ByteBuf::duplicate),
                holder("retained slice", buffer -> {
                    ByteBuf slice = buffer.retainedSlice(1, 1);
                    buffer.release();
                    return slice;
                }),
                holder("retained duplicate of a slice", buffer -> {
                    ByteBuf duplicate = buffer.slice(4, 8).retainedDuplicate();
                    buffer.release();
                    return duplicate;
                }),
                holder("read slice", buffer -> {
                    ByteBuf slice = buffer.readRetainedSlice(8);
                    buffer.release();
                    return slice;
                }),
                holder("read-only", ByteBuf::asReadOnly),
                holder("wrapped", Unpooled::wrappedBuffer),
                holder(
                        "wrapped with another",
                        buffer ->
                                Unpooled.wrappedBuffer(Unpooled.directBuffer(8).writeLong(1), buffer)),
                holder(
                        "component of a composite",
                        buffer -> Unpooled.compositeBuffer()
                                .addComponent(true, buffer.retainedSlice(0, 4))
                                .addComponent(true, buffer)),
                holder("component that is taken out", buffer -> {
                    CompositeByteBuf composite = Unpooled.compositeBuffer().addComponent(true, buffer.slice(5, 5));
                    ByteBuf part = composite.component(0).retain();
                    composite.release();
                    return part;
                }),
                holder("little endian", ReadStreamBoundTest::littleEndian));
    }

    @SuppressWarnings("deprecation") // what it wraps has to be found out
    private static ByteBuf littleEndian(ByteBuf buffer) {
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Arguments holder(String name, UnaryOperator<ByteBuf> what) {
        return Arguments.of(Named.of(name, what));
    }

    /** However the buffer travels on, the one who has it last counts. */
    @ParameterizedTest
    @MethodSource("holders")
    void derivedBuffersCountToTheLast(UnaryOperator<ByteBuf> holder) {
        Recorder<ByteBuf> recorder = read(threeBlocks.maxBuffered(BLOCK), Long.MAX_VALUE);
        ByteBuf derived = holder.apply(recorder.elements.get(0));
        fixture.pump();
        assertThat(statistics.bytesHeld()).isEqualTo(BLOCK);
        assertThat(fixture.controller.wire).hasSize(1);

        derived.retain();
        release(derived);
        assertThat(fixture.controller.wire).hasSize(1);
        release(derived);
        assertThat(fixture.controller.wire).hasSize(2);

        recorder.cancel();
        release(recorder.elements.get(1));
        assertNothingHeld();
    }

    @Test
    void aBoundBelowAChunkIsOneChunk() {
        Recorder<ByteBuf> recorder = read(threeBlocks.chunkSize(4 * BLOCK).maxBuffered(1), Long.MAX_VALUE);
        for (int i = 0; i < BLOCKS / 4; i++) {
            assertThat(recorder.elements).hasSize(i + 1);
            assertThat(statistics.bytesHeld()).isEqualTo(4 * BLOCK);
            release(recorder.elements.get(i));
        }
        assertThat(recorder.completes).isOne();
        assertThat(statistics.limitBytes()).isEqualTo(4 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void demandAndWindowBoundAsWell() {
        assertThat(read(threeBlocks.window(2), 1).elements).hasSize(1).allMatch(ByteBuf::release);
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(threeBlocks.window(2), Long.MAX_VALUE);
        assertThat(fixture.controller.outstanding()).isEqualTo(2);
        assertThat(statistics.limitBytes()).isEqualTo(2 * BLOCK);
        recorder.cancel();
        fixture.pump();
        fixture.answerAll();
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aCancelAtAnyStepGivesEverythingBack(int answered) {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(threeBlocks, Long.MAX_VALUE);
        for (int i = 0; i < answered; i++) {
            fixture.answerNewest();
        }
        recorder.cancel();
        fixture.pump();
        assertThat(statistics.bytesHeld()).isEqualTo((long) recorder.elements.size() * BLOCK);
        recorder.elements.forEach(this::release);
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void failuresGiveEverythingBack() {
        fixture.controller.statusAt.put(2L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        Recorder<ByteBuf> recorder = read(threeBlocks, Long.MAX_VALUE);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeStatusException.class);
        assertThat(recorder.elements).hasSize(2);
        assertThat(statistics.bytesHeld()).isEqualTo(2 * BLOCK);
        recorder.elements.forEach(this::release);
        assertNothingHeld();
    }

    @Test
    void aLostConnectionIsToldWhileEverythingIsHeld() {
        Recorder<ByteBuf> recorder = read(threeBlocks, Long.MAX_VALUE);
        fixture.cut();
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertThat(statistics.isWaitingForRelease()).isFalse();
        recorder.elements.forEach(this::release);
        assertNothingHeld();
    }

    @Test
    void aStreamThatRunsOutOfTimeSaysThatItWaitedForReleases() {
        Recorder<ByteBuf> recorder = read(threeBlocks.timeout(Duration.ofSeconds(5)), Long.MAX_VALUE);
        fixture.pass(Duration.ofSeconds(6));
        assertThat(recorder.errors)
                .singleElement()
                .isInstanceOf(NvmeTimeoutException.class)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("waits for the release of buffers", "these have 1536 bytes and maxBuffered is 1536");
        recorder.elements.forEach(this::release);
        assertNothingHeld();
    }

    @Test
    void withoutABoundBuffersAreWhatTheyWere() {
        Recorder<ByteBuf> recorder =
                read(ReadStreamOptions.defaults().chunkSize(BLOCK).statistics(statistics), Long.MAX_VALUE);
        assertThat(recorder.elements).hasSize(BLOCKS);
        assertThat(recorder.elements.get(0).getClass().getName()).startsWith("io.netty");
        assertThat(statistics.bytesHeld()).isZero();
        recorder.elements.forEach(ByteBuf::release);
    }

    @Test
    void optionsSayWhatHolds() {
        assertThat(ReadStreamOptions.defaults().maxBuffered()).isEqualTo(ReadStreamOptions.UNLIMITED);
        ReadStreamOptions body = ReadStreamOptions.body();
        assertThat(body.maxBuffered()).isEqualTo(2 << 20).isEqualTo(ReadStreamOptions.BODY_BUFFERED);
        assertThat(body.unaligned()).isEqualTo(ReadStreamOptions.Unaligned.ALLOW);
        assertThat(body.window(3)
                        .queues(2)
                        .chunkSize(5)
                        .timeout(Duration.ofDays(1))
                        .statistics(statistics)
                        .maxBuffered())
                .isEqualTo(2 << 20);
        assertThat(body.maxBuffered(7).maxBuffered()).isEqualTo(7);
        for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> body.maxBuffered(bytes))
                    .withMessageContaining("maxBuffered " + bytes);
        }
    }

    /** Buffers are released on threads that know nothing of the stream, at whatever moment it is in. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16})
    @Timeout(60)
    void aReleaseOnAnyThreadLetsTheStreamGoOn(int blocks) {
        DefaultEventExecutor loop = new DefaultEventExecutor();
        DefaultEventExecutor other = new DefaultEventExecutor();
        NamespaceFixture real = filled(NamespaceFixture.blocks(BLOCKS).queues(3).executors(loop, other));
        Scheduler threads = Schedulers.newParallel("release", 3);
        try {
            for (int round = 0; round < 100; round++) {
                Queue<ByteBuf> kept = new ArrayDeque<>();
                Long read = real.namespace
                        .readStream(
                                0, (long) BLOCKS * BLOCK, threeBlocks.queues(3).maxBuffered((long) blocks * BLOCK))
                        .reduce(0L, (sum, buffer) -> {
                            kept.add(buffer);
                            ByteBuf due = kept.size() == blocks
                                            || ThreadLocalRandom.current().nextBoolean()
                                    ? kept.poll()
                                    : null;
                            if (due != null) {
                                threads.schedule(due::release);
                            }
                            assertThat(statistics.bytesHeld()).isLessThanOrEqualTo((long) blocks * BLOCK);
                            return sum + buffer.readableBytes();
                        })
                        .block(Duration.ofSeconds(30));
                assertThat(read).isEqualTo((long) BLOCKS * BLOCK);
                kept.forEach(ByteBuf::release);
                Awaitility.await().until(() -> real.usedMemory() == 0 && statistics.bytesHeld() == 0);
                assertThat(statistics.peakBytesHeld()).isLessThanOrEqualTo((long) blocks * BLOCK);
            }
        } finally {
            threads.dispose();
            loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
            other.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** What a server does: it asks for 128 at a time, writes them to a slow client, and releases what has left. */
    @Test
    void demandBeyondTheBoundHoldsNoMoreThanTheBound() {
        Recorder<ByteBuf> recorder = read(threeBlocks, 128);
        for (int i = 0; i < BLOCKS; i++) {
            assertThat(recorder.elements.size()).isLessThanOrEqualTo(i + 3);
            assertThat(fixture.controller.usedMemory()).isLessThanOrEqualTo(3 * BLOCK);
            release(recorder.elements.get(i));
        }
        assertThat(recorder.completes).isOne();
        assertNothingHeld();
    }

    @Test
    void oneStreamCanFeedAnotherWithinItsBound() {
        Flux<ByteBuf> source = fixture.namespace.readStream(0, 8 * BLOCK, threeBlocks);
        Recorder<TransferProgress> copied = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .writeStream(32 * BLOCK, source, WriteStreamOptions.defaults().chunkSize(3 * BLOCK))
                .subscribe(copied);
        fixture.pump();
        assertThat(copied.completes).isOne();
        assertThat(Arrays.mismatch(fixture.media(), 0, 8 * BLOCK, fixture.media(), 32 * BLOCK, 40 * BLOCK))
                .isEqualTo(-1);
        assertNothingHeld();
    }
}
