package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** When a stream's cancel has returned, nothing of it leaves any more, whatever the event loop is doing. */
class StreamCancelTest extends WriteStreamHarness {

    /** What a stream has not sent yet when it is cancelled. */
    enum Unsent {
        READ,
        WRITE,
        FLUSH,
        HEAD_BLOCK,
        TAIL_BLOCK
    }

    private Recorder<?> begin(Unsent unsent) {
        return switch (unsent) {
            case READ -> {
                Recorder<ByteBuf> recorder = new Recorder<>(8);
                fixture.namespace
                        .readStream(0, 8 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                        .subscribe(recorder);
                fixture.pump();
                yield recorder;
            }
            case WRITE -> write(0, source(8 * BLOCK), BY_BLOCK);
            case FLUSH -> write(0, source(BLOCK), BY_BLOCK.durability(Durability.FLUSH));
            case HEAD_BLOCK -> write(10, source(BLOCK), MERGE);
            case TAIL_BLOCK -> write(0, source(100), MERGE);
        };
    }

    /** The loop is in the middle of a turn, and the cancel waits behind it. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLUSH")
    void commandThatWaitsForASlotDoesNotLeave(Unsent unsent) {
        use(NamespaceFixture.blocks(64).slots(1));
        fixture.controller.hold = true;
        fixture.namespace.flush().subscribe();
        fixture.pump();
        Recorder<?> recorder = begin(unsent);
        recorder.cancel();
        fixture.loop.call(() -> fixture.controller.answer(0));
        fixture.pump();
        fixture.answerAll();
        assertThat(fixture.controller.wire).containsExactly(MemoryController.Wire.flush());
        assertThat(recorder.isDone()).isFalse();
        assertNothingHeld();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLUSH")
    void commandThatIsNotConvertedDoesNotLeave(Unsent unsent) {
        fixture.controller.holdBack = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<?> recorder =
                unsent == Unsent.WRITE ? write(0, source(8 * BLOCK), BY_BLOCK.statistics(statistics)) : begin(unsent);
        recorder.cancel();
        fixture.loop.call(fixture.controller::flushUnsent);
        fixture.pump();
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(statistics.bytesInFlight()).isZero();
        assertNothingHeld();
    }

    @Test
    void flushThatIsNotConvertedDoesNotLeave() {
        fixture.controller.hold = true;
        Recorder<?> recorder = begin(Unsent.FLUSH);
        fixture.controller.holdBack = true;
        fixture.answer(0);
        recorder.cancel();
        fixture.loop.call(fixture.controller::flushUnsent);
        fixture.pump();
        assertThat(fixture.controller.wire).containsExactly(MemoryController.Wire.write(0, 1));
        assertNothingHeld();
    }

    @Test
    void cancelFromInsideTheProgressEndsAtOnce() {
        fixture.controller.hold = true;
        AtomicInteger cancels = new AtomicInteger();
        AtomicInteger elements = new AtomicInteger();
        fixture.namespace
                .writeStream(0, source(20 * BLOCK).doOnCancel(cancels::incrementAndGet), BY_BLOCK)
                .subscribe(new BaseSubscriber<TransferProgress>() {
                    @Override
                    protected void hookOnNext(TransferProgress progress) {
                        elements.incrementAndGet();
                        cancel();
                    }
                });
        fixture.pump();
        fixture.answer(0);
        assertThat(elements).hasValue(1);
        int sent = fixture.controller.wire.size();
        fixture.answerAll();
        assertThat(fixture.controller.wire).hasSize(sent);
        assertNothingHeld();
    }

    @Test
    void cancelWhenTheEventLoopIsGoneStillCancelsTheSourceAndReleases() throws InterruptedException {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        use(NamespaceFixture.blocks(64).executor(executor));
        AtomicInteger cancels = new AtomicInteger();
        Recorder<TransferProgress> writing =
                write(0, source(100).concatWith(Flux.never()).doOnCancel(cancels::incrementAndGet), BY_BLOCK);
        Recorder<ByteBuf> reading = new Recorder<>(0);
        fixture.namespace.readStream(0, BLOCK).subscribe(reading);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> fixture.controller.usedMemory() > 0);
        executor.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(30, TimeUnit.SECONDS);
        writing.cancel();
        reading.cancel();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> cancels.get() == 1);
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(this::assertNothingHeld);
        Recorder<TransferProgress> late = write(0, Flux.never(), BY_BLOCK);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(late::isDone);
        assertThat(late.errors).singleElement().isInstanceOf(NvmeTransferException.class);
    }
}
