package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.namespace.WriteStreamOptions.Unaligned;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whatever a stream is waiting for, it hears of the end of its association at once. */
class StreamEndTest extends WriteStreamHarness {

    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    private final AtomicInteger cancels = new AtomicInteger();

    /** What a write stream waits for when the end comes. */
    enum Wait {
        SILENT_SOURCE,
        SILENT_AFTER_A_CHUNK,
        SILENT_WITHIN_A_CHUNK,
        SOURCE_WITHOUT_ON_SUBSCRIBE,
        DEMAND,
        WRITE,
        FLUSH,
        HEAD_BLOCK,
        TAIL_BLOCK,
        SLOT
    }

    /** How the end comes. */
    enum End {
        LOSS,
        CLOSE,
        DEADLINE
    }

    /** Before time can run out, a command has to be outstanding. */
    static Stream<Arguments> everyWaitAndEnd() {
        return Stream.of(Wait.values())
                .flatMap(wait -> Stream.of(End.values()).map(end -> Arguments.of(wait, end)))
                .filter(pair -> pair.get()[1] != End.DEADLINE
                        || Stream.of(Wait.WRITE, Wait.FLUSH, Wait.HEAD_BLOCK, Wait.TAIL_BLOCK)
                                .anyMatch(wait -> wait == pair.get()[0]));
    }

    private Recorder<TransferProgress> waiting(Wait wait) {
        fixture.controller.hold = wait.compareTo(Wait.WRITE) >= 0;
        Flux<ByteBuf> silent = Flux.<ByteBuf>never().doOnCancel(cancels::incrementAndGet);
        WriteStreamOptions flush = BY_BLOCK.durability(Durability.FLUSH);
        WriteStreamOptions merge = BY_BLOCK.unaligned(Unaligned.READ_MODIFY_WRITE);
        return switch (wait) {
            case SILENT_SOURCE -> write(0, silent, flush);
            case SILENT_AFTER_A_CHUNK -> write(0, source(BLOCK).concatWith(silent), flush);
            case SILENT_WITHIN_A_CHUNK -> write(0, source(700).concatWith(silent), flush);
            case SOURCE_WITHOUT_ON_SUBSCRIBE -> write(0, subscriber -> {}, flush);
            case DEMAND -> write(0, source(BLOCK).concatWith(silent), flush, 0);
            case WRITE -> write(0, source(BLOCK).concatWith(silent), flush);
            case HEAD_BLOCK -> write(10, source(BLOCK).concatWith(silent), merge);
            case TAIL_BLOCK -> write(0, source(100), merge);
            case SLOT -> {
                use(NamespaceFixture.blocks(64).slots(1));
                fixture.controller.hold = true;
                fixture.namespace.flush().onErrorComplete().subscribe();
                yield write(0, source(BLOCK).concatWith(silent), flush);
            }
            case FLUSH -> {
                Recorder<TransferProgress> recorder = write(0, source(BLOCK), flush);
                fixture.answer(0);
                yield recorder;
            }
        };
    }

    private void come(End end) {
        switch (end) {
            case LOSS -> fixture.cut();
            case CLOSE -> fixture.drain();
            case DEADLINE -> fixture.pass(TIMEOUT.plusSeconds(2));
        }
    }

    @ParameterizedTest
    @MethodSource("everyWaitAndEnd")
    void writeStreamHearsOfTheEnd(Wait wait, End end) {
        use(NamespaceFixture.blocks(64).commandTimeout(TIMEOUT));
        Recorder<TransferProgress> recorder = waiting(wait);
        assertThat(recorder.isDone()).isFalse();
        come(end);
        if (end == End.CLOSE) {
            // What was submitted may still succeed.
            fixture.controller.hold = false;
            fixture.answerAll();
        }
        if (wait == Wait.FLUSH && end == End.CLOSE) {
            assertThat(recorder.completes).isOne();
        } else {
            TransferReport report = report(recorder);
            boolean lost = end != End.CLOSE;
            assertThat(cause(recorder))
                    .isInstanceOf(end == End.DEADLINE ? NvmeTimeoutException.class : NvmeConnectionException.class);
            assertThat(report.bytesWritten())
                    .isEqualTo(
                            switch (wait) {
                                case SILENT_AFTER_A_CHUNK, SILENT_WITHIN_A_CHUNK, DEMAND, FLUSH -> BLOCK;
                                case WRITE, SLOT -> lost ? 0 : BLOCK;
                                default -> 0;
                            });
            assertThat(report.bytesInDoubt()).isEqualTo(wait == Wait.WRITE && lost ? BLOCK : 0);
        }
        boolean sourceIsOpen =
                wait != Wait.SOURCE_WITHOUT_ON_SUBSCRIBE && wait != Wait.TAIL_BLOCK && wait != Wait.FLUSH;
        assertThat(cancels).hasValue(sourceIsOpen ? 1 : 0);
        fixture.cut();
        assertNothingHeld();
    }

    @Test
    void whatWasBegunAroundAWriteStreamEndsWithIt() {
        AtomicInteger released = new AtomicInteger();
        Recorder<TransferProgress> recorder = new Recorder<>(Long.MAX_VALUE);
        Flux.usingWhen(
                        Mono.just("association"),
                        association -> fixture.namespace.writeStream(0, Flux.never()),
                        association -> Mono.fromRunnable(released::incrementAndGet))
                .subscribe(recorder);
        fixture.pump();
        fixture.cut();
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeTransferException.class);
        assertThat(released).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSS", "CLOSE"})
    void streamsSubscribedAfterTheEndFailAtOnceAndCancelTheirSource(End end) {
        come(end);
        Recorder<TransferProgress> writing =
                write(0, Flux.<ByteBuf>never().doOnCancel(cancels::incrementAndGet), BY_BLOCK);
        assertThat(cause(writing)).isInstanceOf(NvmeConnectionException.class);
        assertThat(cancels).hasValue(1);
        Recorder<ByteBuf> reading = read(0);
        assertThat(reading.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
    }

    @Test
    void sourceThatSubscribesTooLateIsCancelled() {
        Recorder<TransferProgress> recorder = write(
                0,
                subscriber -> fixture.onLoop(() -> {
                    fixture.cut();
                    Flux.<ByteBuf>never().doOnCancel(cancels::incrementAndGet).subscribe(subscriber);
                }),
                BY_BLOCK);
        assertThat(recorder.errors).hasSize(1);
        assertThat(cancels).hasValue(1);
    }

    /** All that is left to do is to tell, and the last element needs demand: the work is not undone by a late loss. */
    @ParameterizedTest
    @EnumSource(names = {"LOSS", "CLOSE"})
    void writeStreamThatIsThroughSaysSoWhenItIsAsked(End end) {
        Recorder<TransferProgress> recorder = write(0, source(BLOCK), BY_BLOCK.durability(Durability.FLUSH), 0);
        come(end);
        assertThat(recorder.isDone()).isFalse();
        recorder.request(1);
        fixture.pump();
        assertThat(recorder.last().durable()).isTrue();
        assertThat(recorder.completes).isOne();
    }

    private Recorder<ByteBuf> read(long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        fixture.namespace
                .readStream(0, 8 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSS", "CLOSE"})
    void readStreamWithoutDemandHearsOfTheEnd(End end) {
        Recorder<ByteBuf> fresh = read(0);
        Recorder<ByteBuf> stalled = read(1);
        assertThat(stalled.elements).hasSize(1);
        come(end);
        for (Recorder<ByteBuf> recorder : List.of(fresh, stalled)) {
            assertThat(recorder.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
            recorder.elements.forEach(ByteBuf::release);
        }
        assertNothingHeld();
    }

    @Test
    void orderlyCloseLetsTheReadsOfAStreamFinishAndThenEndsIt() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(3);
        fixture.drain();
        recorder.request(2);
        fixture.pump();
        assertThat(recorder.isDone()).isFalse();
        fixture.answerAll();
        assertThat(recorder.elements).hasSize(3).allMatch(ByteBuf::release);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertThat(fixture.controller.wire).hasSize(3);
        assertNothingHeld();
    }

    @Test
    void readStreamWhoseLastReadsAreUnderWaySurvivesAnOrderlyClose() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(8);
        fixture.drain();
        fixture.answerAll();
        assertThat(recorder.elements).hasSize(8).allMatch(ByteBuf::release);
        assertThat(recorder.completes).isOne();
    }
}
