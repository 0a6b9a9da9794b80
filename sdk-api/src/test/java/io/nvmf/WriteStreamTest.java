package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.MemoryController.Wire;
import io.nvmf.command.ByteRange;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.namespace.WriteStreamOptions.Unaligned;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.publisher.TestPublisher;

class WriteStreamTest extends WriteStreamHarness {

    @Test
    void sourceIsWrittenAndTheLastElementSaysSo() {
        Recorder<TransferProgress> recorder = write(BLOCK, source(700, 324, 0, 1024), BY_BLOCK);
        assertThat(recorder.completes).isOne();
        assertMedia(BLOCK, 2048);
        assertThat(recorder.last()).isEqualTo(new TransferProgress(2048, 2048, 0, 2048, 2048, true, false, false, 0));
        assertThat(recorder.elements.stream().filter(TransferProgress::last)).hasSize(1);
        assertNothingHeld();
    }

    @Test
    void nothingIsSubscribedUpstreamBeforeTheSubscription() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Flux<TransferProgress> stream = fixture.namespace.writeStream(0, source);
        source.assertWasNotSubscribed();
        Recorder<TransferProgress> recorder = new Recorder<>(0);
        stream.subscribe(recorder);
        source.assertSubscribers();
        fixture.pump();
        source.assertMinRequested(1);
        source.complete();
        fixture.pump();
        recorder.request(1);
        fixture.pump();
        assertThat(recorder.completes).isOne();
    }

    @Test
    void emptySourceWritesNothing() {
        Recorder<TransferProgress> recorder = write(3, Flux.empty(), MERGE.durability(Durability.FLUSH));
        assertThat(recorder.completes).isOne();
        assertThat(recorder.last().bytesWritten()).isZero();
        assertThat(fixture.controller.wire).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void durabilityIsFlagsAndFlushOnTheWire(Durability durability) {
        Recorder<TransferProgress> recorder = write(0, source(3 * BLOCK), BY_BLOCK.durability(durability));
        List<Wire> writes = List.of(Wire.write(0, 1), Wire.write(1, 1), Wire.write(2, 1));
        List<Wire> expected = switch (durability) {
            case NONE -> writes;
            case FLUSH -> append(writes, Wire.flush());
            case FUA -> List.of(Wire.fua(0, 1), Wire.fua(1, 1), Wire.fua(2, 1));
        };
        assertThat(fixture.controller.wire).isEqualTo(expected);
        assertThat(recorder.last().durable()).isEqualTo(durability != Durability.NONE);
    }

    private static List<Wire> append(List<Wire> writes, Wire last) {
        List<Wire> all = new ArrayList<>(writes);
        all.add(last);
        return all;
    }

    @Test
    void withoutVolatileWriteCacheEveryWriteIsDurable() {
        use(NamespaceFixture.blocks(8).noVolatileWriteCache());
        assertThat(write(0, source(BLOCK), BY_BLOCK).last().durable()).isTrue();
    }

    @Test
    @Covers("Of one namespace")
    void flushWaitsForTheLastWriteAndCompletionForTheFlush() {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(0, source(2 * BLOCK), BY_BLOCK.durability(Durability.FLUSH));
        fixture.answer(1);
        assertThat(fixture.controller.wire).doesNotContain(Wire.flush());
        fixture.answer(0);
        assertThat(fixture.controller.wire).contains(Wire.flush());
        assertThat(recorder.isDone()).isFalse();
        fixture.answer(0);
        assertThat(recorder.completes).isOne();
        assertThat(recorder.last().durable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void buffersOfAnySizeBecomeChunks(long seed) {
        Random random = new Random(seed);
        int total = 4 << 20;
        use(NamespaceFixture.blocks(total / BLOCK + 8).maxTransfer(300L * BLOCK).boundary(seed % 2 == 0 ? 0 : 77));
        List<ByteBuf> buffers = new ArrayList<>();
        for (int at = 0; at < total; ) {
            int magnitude = 1 << random.nextInt(21);
            int size = random.nextInt(8) == 0 ? 0 : Math.min(total - at, 1 + random.nextInt(magnitude));
            buffers.add(anyBuffer(random, at, size));
            at += size;
        }
        Recorder<TransferProgress> recorder =
                write(8 * BLOCK, Flux.fromIterable(buffers), WriteStreamOptions.defaults());
        assertThat(recorder.errors).isEmpty();
        assertThat(recorder.completes).isOne();
        assertMedia(8 * BLOCK, total);
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(recorder.last().peakBytesInFlight())
                .isLessThanOrEqualTo(recorder.last().limitBytes());
        assertNothingHeld();
    }

    private ByteBuf anyBuffer(Random random, int at, int size) {
        int head = random.nextInt(5);
        ByteBuf buffer;
        switch (random.nextInt(3)) {
            case 0 -> buffer = fixture.controller.allocator().heapBuffer(head + size + 1);
            case 1 -> buffer = fixture.controller.allocator().directBuffer(head + size + 1);
            default -> {
                CompositeByteBuf composite = fixture.controller.allocator().compositeBuffer();
                int first = size / 3;
                composite.addComponent(
                        true, fill(fixture.controller.allocator().buffer(first + head + 1), head, at, first));
                composite.addComponent(
                        true,
                        fill(fixture.controller.allocator().buffer(size - first + 1), 0, at + first, size - first));
                return composite.skipBytes(head);
            }
        }
        return fill(buffer, head, at, size).skipBytes(head);
    }

    private static ByteBuf fill(ByteBuf buffer, int head, int at, int size) {
        return buffer.writeZero(head).writeBytes(sourceBytes(at, size));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 511, 512, 700, 1024, 5000})
    void heldBytesStayWithinTheLimitAndOneBuffer(int size) {
        fixture.controller.hold = true;
        AtomicInteger emitted = new AtomicInteger();
        int total = 12 * BLOCK;
        Flux<ByteBuf> source = source(
                        IntStream.range(0, total / size).map(i -> size).toArray())
                .doOnNext(buffer -> emitted.addAndGet(buffer.readableBytes()));
        Recorder<TransferProgress> recorder = write(0, source, BY_BLOCK);
        int completed = 0;
        while (fixture.controller.outstanding() > 0) {
            assertThat(emitted.get() - completed).isLessThan(4 * BLOCK + size);
            fixture.answer(0);
            completed += BLOCK;
        }
        assertThat(recorder.isDone()).isTrue();
        assertThat(emitted.get()).isEqualTo(total / size * size);
        assertNothingHeld();
    }

    @Test
    void windowBoundsTheWritesInFlight() {
        fixture.controller.hold = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<TransferProgress> recorder = write(0, source(20 * BLOCK), BY_BLOCK.statistics(statistics));
        assertThat(fixture.controller.outstanding()).isEqualTo(4);
        assertThat(statistics.bytesInFlight()).isEqualTo(4 * BLOCK);
        while (fixture.controller.outstanding() > 0) {
            assertThat(fixture.controller.outstanding()).isLessThanOrEqualTo(4);
            fixture.answer(0);
        }
        assertThat(recorder.last().peakBytesInFlight()).isEqualTo(4 * BLOCK);
        assertThat(recorder.last().limitBytes()).isEqualTo(4 * BLOCK);
        assertThat(statistics.peakBytesInFlight()).isEqualTo(4 * BLOCK);
        assertThat(statistics.bytesTransferred()).isEqualTo(20 * BLOCK);
        assertThat(statistics.commands()).isEqualTo(20);
        assertThat(statistics.bytesInFlight()).isZero();
    }

    @Test
    void writtenIsThePrefixAndAcknowledgedHasGaps() {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(0, source(6 * BLOCK), BY_BLOCK);
        fixture.answer(2);
        assertThat(recorder.last())
                .isEqualTo(new TransferProgress(0, BLOCK, 3 * BLOCK, 4 * BLOCK, 4 * BLOCK, false, false, false, 0));
        fixture.answer(1);
        fixture.answer(0);
        assertThat(recorder.last().bytesWritten()).isEqualTo(3 * BLOCK);
        assertThat(recorder.last().bytesAcknowledged()).isEqualTo(3 * BLOCK);
        fixture.answerAll();
        fixture.answerAll();
        assertThat(recorder.completes).isOne();
    }

    @Test
    void progressIsConflatedForASlowSubscriber() {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(0, source(8 * BLOCK), BY_BLOCK, 1);
        assertThat(recorder.elements).isEmpty();
        fixture.answer(0);
        assertThat(recorder.elements).hasSize(1);
        fixture.answer(0);
        fixture.answer(0);
        fixture.answer(0);
        assertThat(recorder.elements).hasSize(1);
        recorder.request(1);
        fixture.pump();
        assertThat(recorder.elements).hasSize(2);
        assertThat(recorder.last().bytesWritten()).isEqualTo(4 * BLOCK);
        recorder.request(1);
        fixture.pump();
        assertThat(recorder.elements).hasSize(2);
        fixture.answer(0);
        assertThat(recorder.elements).hasSize(3);
        fixture.answerAll();
        assertThat(recorder.isDone()).isFalse();
        assertMedia(0, 8 * BLOCK);
        recorder.request(1);
        fixture.pump();
        assertThat(recorder.last().last()).isTrue();
        assertThat(recorder.completes).isOne();
    }

    @Test
    void contextOfTheSubscriberReachesTheSource() {
        List<String> seen = new ArrayList<>();
        Flux<ByteBuf> source = Flux.deferContextual(context -> {
            seen.add(context.get("key"));
            return Flux.empty();
        });
        fixture.namespace
                .writeStream(0, source)
                .contextWrite(context -> context.put("key", "value"))
                .subscribe();
        fixture.pump();
        assertThat(seen).containsExactly("value");
    }

    @Test
    void sourceMaySignalOnAnyThread() {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        try {
            int size = 1 << 20;
            use(NamespaceFixture.blocks(size / BLOCK).executor(executor));
            Random random = new Random(7);
            int[] sizes = IntStream.range(0, 4096).map(i -> random.nextInt(512)).toArray();
            int length = Arrays.stream(sizes).sum();
            TransferProgress last = fixture.namespace
                    .writeStream(
                            0,
                            source(sizes).publishOn(Schedulers.parallel(), 4),
                            MERGE.chunkSize(4096).durability(Durability.FLUSH))
                    .blockLast();
            assertThat(last.bytesWritten()).isEqualTo(length);
            assertMedia(0, length);
            assertNothingHeld();
            long read = fixture.namespace
                    .readStream(0, size, ReadStreamOptions.defaults().chunkSize(4096))
                    .publishOn(Schedulers.parallel(), 3)
                    .map(buffer -> {
                        int bytes = buffer.readableBytes();
                        buffer.release();
                        return (long) bytes;
                    })
                    .reduce(0L, Long::sum)
                    .block();
            assertThat(read).isEqualTo(size);
        } finally {
            executor.shutdownGracefully().awaitUninterruptibly();
        }
    }

    @Test
    void optionsHaveRangesAndDefaults() {
        WriteStreamOptions defaults = WriteStreamOptions.defaults();
        assertThat(List.of(defaults.chunkSize(), defaults.window())).containsExactly(131_072, 16);
        assertThat(defaults.durability()).isEqualTo(Durability.FLUSH);
        assertThat(defaults.unaligned()).isEqualTo(Unaligned.REFUSE);
        assertThat(defaults.expectedLength()).isEqualTo(WriteStreamOptions.UNKNOWN_LENGTH);
        assertThat(defaults.statistics()).isNull();
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.chunkSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.window(0));
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.expectedLength(-2));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(-1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ByteRange(Long.MAX_VALUE, 1));
        assertThat(defaults.expectedLength(5).expectedLength()).isEqualTo(5);
    }
}
