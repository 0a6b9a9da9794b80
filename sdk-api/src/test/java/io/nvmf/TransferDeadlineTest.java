package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** A whole stream has a time, whatever it waits for when that is over. */
class TransferDeadlineTest extends WriteStreamHarness {

    private static final Duration TIME = Duration.ofSeconds(5);
    private static final WriteStreamOptions IN_TIME = BY_BLOCK.timeout(TIME);

    private final AtomicInteger cancels = new AtomicInteger();

    private Recorder<ByteBuf> read(long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        fixture.namespace
                .readStream(
                        0,
                        8 * BLOCK,
                        ReadStreamOptions.defaults()
                                .chunkSize(BLOCK)
                                .window(4)
                                .queues(2)
                                .timeout(TIME))
                .subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private Flux<ByteBuf> silent() {
        return Flux.<ByteBuf>never().doOnCancel(cancels::incrementAndGet);
    }

    private void justBefore() {
        fixture.pass(TIME.minusMillis(1));
    }

    private void then() {
        fixture.pass(Duration.ofMillis(1));
    }

    private static void timedOut(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        NvmeTimeoutException.class,
                        timeout -> assertThat(timeout.duration()).isEqualTo(TIME))
                .hasMessageContaining("5000 ms");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aReadStreamFailsAbortsWhatWasSentAndGivesEverythingBack(int queues) {
        use(NamespaceFixture.blocks(64).queues(queues));
        fixture.hold();
        Recorder<ByteBuf> recorder = read(Long.MAX_VALUE);
        fixture.answerNewest(); // waits for those before it
        int waiting = fixture.sent().stream().mapToInt(count -> count).sum() - 1;
        assertThat(waiting).isPositive();
        justBefore();
        assertThat(recorder.isDone()).isFalse();
        then();

        assertThat(recorder.errors).singleElement().satisfies(TransferDeadlineTest::timedOut);
        assertThat(recorder.elements).isEmpty();
        assertThat(fixture.aborted).hasSize(waiting);
        fixture.answerAll();
        assertThat(fixture.usedMemory()).isZero();
    }

    @Test
    void aSubscriberThatAsksForNothingUsesUpTheTime() {
        Recorder<ByteBuf> recorder = read(1);
        assertThat(recorder.elements).hasSize(1);
        justBefore();
        assertThat(recorder.isDone()).isFalse();
        then();
        assertThat(recorder.errors).singleElement().satisfies(TransferDeadlineTest::timedOut);
        recorder.elements.forEach(ByteBuf::release);
        assertThat(fixture.usedMemory()).isZero();
    }

    @Test
    void aWriteStreamReportsWhatIsWrittenAndWhatIsInDoubt() {
        fixture.hold();
        Recorder<TransferProgress> recorder =
                write(0, source(BLOCK, BLOCK, BLOCK).concatWith(silent()), IN_TIME);
        fixture.answer(0);
        justBefore();
        assertThat(recorder.isDone()).isFalse();
        then();

        TransferReport report = report(recorder);
        timedOut(cause(recorder));
        assertThat(report.bytesWritten()).isEqualTo(BLOCK);
        assertThat(report.bytesInDoubt()).isEqualTo(2 * BLOCK);
        assertThat(((NvmeException) recorder.errors.get(0)).outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertThat(fixture.aborted).hasSize(2);
        assertThat(cancels).hasValue(1);
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void aSourceThatSaysNothingUsesUpTheTime() {
        Recorder<TransferProgress> recorder = write(0, source(700).concatWith(silent()), IN_TIME);
        justBefore();
        assertThat(recorder.isDone()).isFalse();
        then();

        TransferReport report = report(recorder);
        timedOut(cause(recorder));
        assertThat(report.bytesWritten()).isEqualTo(BLOCK);
        assertThat(report.bytesInDoubt()).isZero();
        assertThat(cancels).hasValue(1);
        assertNothingHeld();
    }

    @Test
    void whatWaitsForASlotIsTakenBackAndNotInDoubt() {
        use(NamespaceFixture.blocks(64).slots(1));
        fixture.hold();
        fixture.namespace.flush().subscribe();
        Recorder<TransferProgress> recorder = write(0, source(BLOCK).concatWith(silent()), IN_TIME);
        fixture.pass(TIME);

        assertThat(report(recorder).bytesInDoubt()).isZero();
        assertThat(((NvmeException) recorder.errors.get(0)).outcome()).isEqualTo(CommandOutcome.NOT_SENT);
        assertNothingHeld();
        fixture.answerAll();
        assertThat(fixture.controller.wire).containsExactly(MemoryController.Wire.flush());
    }

    @Test
    void theFlushAtTheEndIsWithinTheTime() {
        fixture.hold();
        Recorder<TransferProgress> recorder = write(0, source(BLOCK), IN_TIME.durability(Durability.FLUSH));
        fixture.answer(0);
        assertThat(fixture.controller.wire).hasSize(2);
        fixture.pass(TIME);

        assertThat(report(recorder).bytesWritten()).isEqualTo(BLOCK);
        assertThat(report(recorder).durable()).isFalse();
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void theClockStopsWithTheStream() {
        Recorder<TransferProgress> written = write(0, source(BLOCK), IN_TIME);
        assertThat(written.completes).isEqualTo(1);
        Recorder<ByteBuf> all = read(Long.MAX_VALUE);
        assertThat(all.completes).isEqualTo(1);
        all.elements.forEach(ByteBuf::release);
        Recorder<ByteBuf> cancelled = read(0);
        cancelled.cancel();
        Recorder<TransferProgress> broken = write(0, Flux.error(new IllegalStateException("source")), IN_TIME);
        assertThat(broken.errors).hasSize(1);
        fixture.pass(Duration.ofSeconds(4)); // the clock of the queue has stopped by then
        int before = fixture.loop.executed();
        fixture.pass(TIME);
        assertThat(fixture.loop.executed()).as("nobody wakes the event loop").isEqualTo(before);
        assertThat(written.errors).isEmpty();
        assertThat(cancelled.errors).isEmpty();
    }

    @Test
    void aTimerThatTakesNoTasksLeavesNoTime() {
        fixture.timer.dispose();
        assertThat(read(Long.MAX_VALUE).errors).singleElement().satisfies(TransferDeadlineTest::timedOut);
        timedOut(cause(write(0, silent(), IN_TIME)));
        assertThat(cancels).hasValue(1);
        assertNothingHeld();
    }

    @Test
    void anyPositiveTimeWorks() {
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        Recorder<TransferProgress> recorder = write(0, source(BLOCK), BY_BLOCK.timeout(forEver));
        assertThat(recorder.completes).isEqualTo(1);
        assertThat(ReadStreamOptions.defaults().timeout()).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadStreamOptions.defaults().timeout(Duration.ZERO))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BY_BLOCK.timeout(Duration.ofSeconds(-1)))
                .withMessageContaining("timeout");
    }
}
