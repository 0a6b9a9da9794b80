package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.testing.Recorder;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Without memory for what it has to allocate a stream fails as documented, and holds nothing afterwards. */
class StreamWithoutMemoryTest extends WriteStreamHarness {

    private static void assertNoMemory(Throwable failure) {
        assertThat(failure)
                .isInstanceOf(NvmeLimitException.class)
                .hasMessageContaining("no memory")
                .hasCauseInstanceOf(OutOfMemoryError.class);
    }

    /** Small buffers are gathered, buffers that end within a chunk are joined, and the blocks at both ends are read. */
    @ParameterizedTest
    @CsvSource({"0, 100, 50", "0, 700, 4", "10, 1024, 1", "0, 100, 1"})
    void writeStreamFailsAndCancelsItsSource(long offset, int size, int count) {
        AtomicInteger cancels = new AtomicInteger();
        List<ByteBuf> buffers =
                IntStream.range(0, count).mapToObj(i -> fixture.data(size)).toList();
        Flux<ByteBuf> source =
                Flux.fromIterable(buffers).concatWith(Flux.never()).doOnCancel(cancels::incrementAndGet);
        fixture.controller.allocator().exhausted = true;

        Recorder<TransferProgress> recorder = write(offset, source, MERGE.chunkSize(4 * BLOCK));

        assertNoMemory(cause(recorder));
        assertThat(report(recorder).bytesWritten()).isZero();
        assertThat(cancels).hasValue(1);
        buffers.stream().filter(buffer -> buffer.refCnt() > 0).forEach(ByteBuf::release);
        assertNothingHeld();
        fixture.controller.allocator().exhausted = false;
        assertThat(write(0, source(BLOCK), BY_BLOCK).completes).isOne();
    }

    @Test
    void writesUnderWayAreWaitedForAndReported() {
        fixture.controller.hold = true;
        List<ByteBuf> buffers = List.of(fixture.data(BLOCK), fixture.data(100));
        Flux<ByteBuf> source = Flux.fromIterable(buffers)
                .doOnNext(buffer -> fixture.controller.allocator().exhausted = buffer.readableBytes() == 100);
        Recorder<TransferProgress> recorder = write(0, source, BY_BLOCK);
        assertThat(recorder.isDone()).isFalse();
        fixture.answerAll();
        assertNoMemory(cause(recorder));
        assertThat(report(recorder).bytesWritten()).isEqualTo(BLOCK);
        assertNothingHeld();
    }

    @Test
    void readStreamFailsBehindWhatHadMemory() {
        Recorder<ByteBuf> recorder = new Recorder<>(1);
        fixture.namespace
                .readStream(0, 4 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .subscribe(recorder);
        fixture.pump();
        fixture.controller.allocator().exhausted = true;
        recorder.request(3);
        fixture.pump();
        assertThat(recorder.elements).hasSize(1).allMatch(ByteBuf::release);
        assertThat(recorder.errors).singleElement().satisfies(StreamWithoutMemoryTest::assertNoMemory);
        assertNothingHeld();
    }
}
