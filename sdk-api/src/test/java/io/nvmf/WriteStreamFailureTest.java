package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.ByteRange;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.publisher.TestPublisher;

class WriteStreamFailureTest extends WriteStreamHarness {

    @Test
    void cancelledInOnSubscribeTheSourceIsLeftAlone() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        fixture.namespace
                .writeStream(0, source)
                .doOnSubscribe(subscription -> subscription.cancel())
                .subscribe();
        fixture.pump();
        source.assertWasNotSubscribed();
    }

    @Test
    void failedFlushReportsEverythingWrittenAndNothingDurable() {
        fixture.controller.flushStatus = Status.of(StatusCode.INTERNAL_ERROR);
        Recorder<TransferProgress> recorder = write(0, source(2 * BLOCK), BY_BLOCK.durability(Durability.FLUSH));
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isEqualTo(2 * BLOCK);
        assertThat(report.durable()).isFalse();
        assertThat(cause(recorder)).isInstanceOf(NvmeStatusException.class);
    }

    @Test
    void failingSourceIsReportedWhenTheWritesUnderWayHaveEnded() {
        fixture.controller.hold = true;
        RuntimeException broken = new RuntimeException("disk");
        Recorder<TransferProgress> recorder = write(0, source(2 * BLOCK, 700).concatWith(Mono.error(broken)), BY_BLOCK);
        assertThat(recorder.isDone()).isFalse();
        fixture.answerAll();
        TransferReport report = report(recorder);
        assertThat(cause(recorder)).isSameAs(broken);
        assertThat(report.bytesReceived()).isEqualTo(2 * BLOCK + 700);
        assertThat(report.bytesWritten()).isEqualTo(2 * BLOCK);
        assertThat(report.bytesAcknowledged()).isEqualTo(2 * BLOCK);
        assertThat(report.inDoubt()).isEmpty();
        assertThat(report.durable()).isFalse();
        assertMedia(0, 2 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void sourceThatEndsWithinABlockHasItsWholeBlocksWritten() {
        Recorder<TransferProgress> recorder = write(BLOCK, source(1000, 100), BY_BLOCK.durability(Durability.FLUSH));
        TransferReport report = report(recorder);
        assertThat(report.bytesReceived()).isEqualTo(1100);
        assertThat(report.bytesWritten()).isEqualTo(1024);
        assertThat(report.bytesLeftOver()).isEqualTo(76);
        assertThat(report.durable()).isTrue();
        assertThat(cause(recorder)).isInstanceOf(NvmeLimitException.class).hasMessageContaining("1100");
        assertMedia(BLOCK, 1024);
        assertNothingHeld();
    }

    @Test
    void sourceShorterThanExpectedHasItsWholeBlocksWritten() {
        Recorder<TransferProgress> recorder = write(0, source(1100), MERGE.expectedLength(2048));
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isEqualTo(1024);
        assertThat(report.bytesLeftOver()).isEqualTo(76);
        assertThat(cause(recorder)).isInstanceOfSatisfying(NvmeLimitException.class, limit -> {
            assertThat(limit.value()).isEqualTo(1100);
            assertThat(limit.limit()).isEqualTo(2048);
        });
        assertMedia(0, 1024);
        assertNothingHeld();
    }

    @Test
    void sourceLongerThanExpectedIsCancelled() {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Recorder<TransferProgress> recorder = write(0, source.flux(), BY_BLOCK.expectedLength(BLOCK));
        source.next(fixture.data(BLOCK));
        fixture.pump();
        source.next(fixture.data(1));
        fixture.pump();
        source.assertCancelled();
        TransferReport report = report(recorder);
        assertThat(report.bytesReceived()).isEqualTo(BLOCK + 1);
        assertThat(report.bytesWritten()).isEqualTo(BLOCK);
        assertThat(cause(recorder)).isInstanceOf(NvmeLimitException.class).hasMessageContaining("longer than expected");
        assertNothingHeld();
    }

    @Test
    void sourceOfTheExpectedLengthCompletes() {
        assertThat(write(0, source(1000, 24), BY_BLOCK.expectedLength(1024)).completes)
                .isOne();
    }

    @Test
    void sourceBeyondTheEndOfTheNamespaceFails() {
        Recorder<TransferProgress> recorder = write(62 * BLOCK, source(BLOCK, BLOCK, BLOCK), BY_BLOCK);
        assertThat(report(recorder).bytesWritten()).isEqualTo(2 * BLOCK);
        assertThat(cause(recorder)).hasMessageContaining("namespace ends 1024 bytes behind offset 31744");
        assertNothingHeld();
    }

    @Test
    void controllerErrorReportsPrefixGapAndDoubt() {
        fixture.controller.hold = true;
        fixture.controller.statusAt.put(1L, Status.of(StatusCode.INTERNAL_ERROR));
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Recorder<TransferProgress> recorder = write(0, source.flux(), BY_BLOCK);
        for (int i = 0; i < 4; i++) {
            source.next(fixture.data(BLOCK));
            fixture.pump();
        }
        fixture.answer(2);
        source.next(fixture.data(100));
        fixture.answer(1);
        source.assertCancelled();
        assertThat(recorder.isDone()).isFalse();
        fixture.answer(1);
        fixture.answer(0);
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isEqualTo(BLOCK);
        assertThat(report.inDoubt()).containsExactly(new ByteRange(BLOCK, BLOCK));
        assertThat(report.writtenBeyond()).containsExactly(new ByteRange(2 * BLOCK, 2 * BLOCK));
        assertThat(report.bytesInDoubt()).isEqualTo(BLOCK);
        assertThat(report.bytesAcknowledged()).isEqualTo(3 * BLOCK);
        assertThat(report.bytesReceived()).isEqualTo(4 * BLOCK + 100);
        assertThat(report.peakBytesInFlight()).isEqualTo(4 * BLOCK);
        assertThat(report.limitBytes()).isEqualTo(4 * BLOCK);
        assertThat(report)
                .hasToString("512 of 2148 bytes received are known written from offset 0,"
                        + " and beyond them [[1024, 2048)], in doubt are [[512, 1024)]");
        assertThat(cause(recorder)).isInstanceOf(NvmeStatusException.class);
        assertNothingHeld();
    }

    @Test
    void shortTransferWithSuccessIsInDoubt() {
        fixture.controller.shortAt.put(0L, 100);
        Recorder<TransferProgress> recorder = write(0, source(BLOCK), BY_BLOCK);
        assertThat(report(recorder).inDoubt()).containsExactly(new ByteRange(0, BLOCK));
        assertThat(cause(recorder)).isInstanceOf(NvmeProtocolException.class);
    }

    @Test
    void lostConnectionLeavesWhatWasSentInDoubtAndTheRestUnwritten() {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = write(BLOCK, source(20 * BLOCK), BY_BLOCK);
        fixture.answer(0);
        fixture.controller.holdBack = true;
        fixture.answer(0);
        fixture.cut();
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isEqualTo(2 * BLOCK);
        assertThat(report.inDoubt()).containsExactly(new ByteRange(3 * BLOCK, 3 * BLOCK));
        assertThat(report.bytesReceived()).isEqualTo(20 * BLOCK);
        assertThat(cause(recorder)).isInstanceOf(NvmeConnectionException.class);
        assertNothingHeld();
    }

    @Test
    void onAClosedQueueNothingIsWrittenAndNothingLeaks() {
        fixture.cut();
        Recorder<TransferProgress> recorder = write(0, source(2 * BLOCK), BY_BLOCK);
        TransferReport report = report(recorder);
        assertThat(report.bytesWritten()).isZero();
        assertThat(report.inDoubt()).isEmpty();
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void cancelAtAnyStepReleasesEverything(int answered) {
        fixture.controller.hold = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<TransferProgress> recorder =
                write(0, source(700, 9000, 3 * BLOCK, 100), BY_BLOCK.statistics(statistics));
        IntStream.range(0, answered).forEach(i -> fixture.answerNewest());
        int sent = fixture.controller.wire.size();
        recorder.cancel();
        fixture.pump();
        assertThat(fixture.aborted).hasSize(fixture.controller.outstanding());
        fixture.answerAll();
        assertThat(fixture.controller.wire).hasSize(sent);
        assertThat(recorder.isDone()).isFalse();
        assertThat(statistics.bytesInFlight()).isZero();
        assertNothingHeld();
    }

    @Test
    void cancelCancelsTheSourceAndReleasesWhatItStillEmits() {
        AtomicReference<Subscriber<? super ByteBuf>> stream = new AtomicReference<>();
        AtomicInteger cancels = new AtomicInteger();
        Recorder<TransferProgress> recorder = write(
                0,
                subscriber -> {
                    stream.set(subscriber);
                    subscriber.onSubscribe(new Subscription() {
                        @Override
                        public void request(long n) {}

                        @Override
                        public void cancel() {
                            cancels.incrementAndGet();
                        }
                    });
                },
                BY_BLOCK);
        stream.get().onNext(fixture.data(100));
        recorder.cancel();
        fixture.pump();
        assertThat(cancels).hasValue(1);
        stream.get().onNext(fixture.data(100));
        fixture.pump();
        stream.get().onComplete();
        stream.get().onNext(fixture.data(100));
        fixture.pump();
        assertNothingHeld();
    }

    @Test
    void cancelTakesBackWritesThatWaitForASlot() {
        use(NamespaceFixture.blocks(64).slots(4));
        fixture.controller.hold = true;
        Recorder<TransferProgress> first = write(0, source(20 * BLOCK), BY_BLOCK);
        Recorder<TransferProgress> waiting = write(BLOCK, source(20 * BLOCK), BY_BLOCK);
        waiting.cancel();
        fixture.pump();
        first.cancel();
        fixture.pump();
        fixture.answerAll();
        assertThat(fixture.controller.wire).hasSize(4);
        assertNothingHeld();
    }

    @ParameterizedTest
    @CsvSource({
        "1, -1, offset modulo the block size, 1, 0",
        "512, 100, length modulo the block size, 100, 0",
        "-512, -1, offset, -512, 0",
        "33280, -1, end of the range, 33280, 32768",
        "512, 32768, end of the range, 33280, 32768",
        "512, 9223372036854775296, end of the range, 9223372036854775807, 32768",
    })
    void refusedStreamsTouchNeitherWireNorSource(long offset, long expected, String quantity, long value, long limit) {
        TestPublisher<ByteBuf> source = TestPublisher.create();
        Recorder<TransferProgress> recorder = write(offset, source.flux(), BY_BLOCK.expectedLength(expected));
        assertThat(recorder.errors).singleElement().isInstanceOfSatisfying(NvmeLimitException.class, refusal -> {
            assertThat(refusal.quantity()).isEqualTo(quantity);
            assertThat(refusal.value()).isEqualTo(value);
            assertThat(refusal.limit()).isEqualTo(limit);
        });
        source.assertWasNotSubscribed();
        assertThat(fixture.controller.wire).isEmpty();
    }

    @Test
    void sourceThatEmitsMoreThanAskedFails() {
        TestPublisher<ByteBuf> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        Recorder<TransferProgress> recorder = write(0, source.flux(), BY_BLOCK);
        source.next(fixture.data(BLOCK));
        source.next(fixture.data(BLOCK));
        fixture.pump();
        assertThat(cause(recorder)).isInstanceOf(IllegalStateException.class);
        assertNothingHeld();
    }

    @Test
    void sourceThatEmitsAReleasedBufferFails() {
        ByteBuf gone = fixture.data(BLOCK);
        gone.release();
        Recorder<TransferProgress> recorder = write(0, Flux.just(gone), BY_BLOCK);
        assertThat(cause(recorder)).isInstanceOf(IllegalArgumentException.class);
    }
}
