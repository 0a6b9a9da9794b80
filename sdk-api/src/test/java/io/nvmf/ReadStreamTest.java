package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.nvmf.MemoryController.Wire;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.ReadStreamOptions.Unaligned;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class ReadStreamTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final ReadStreamOptions BY_BLOCK =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(4);

    private NamespaceFixture fixture;

    @BeforeEach
    void sixtyFourBlocks() {
        use(NamespaceFixture.blocks(64));
    }

    private void use(NamespaceFixture.Builder builder) {
        fixture = builder.build();
        fixture.controller.fill();
    }

    private Recorder<ByteBuf> read(long offset, long length, ReadStreamOptions options, long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        fixture.namespace.readStream(offset, length, options).subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    /** Compares everything delivered with the media and releases it. */
    private void assertDelivered(Recorder<ByteBuf> recorder, long offset, long length) {
        long at = offset;
        for (ByteBuf element : recorder.elements) {
            assertThat(element.refCnt()).isOne();
            byte[] bytes = new byte[element.readableBytes()];
            element.readBytes(bytes);
            for (byte actual : bytes) {
                assertThat(actual).isEqualTo(MemoryController.pattern(at++));
            }
            element.release();
        }
        recorder.elements.clear();
        assertThat(at).isEqualTo(offset + length);
    }

    private void assertNothingHeld() {
        assertThat(fixture.controller.usedMemory()).isZero();
    }

    @Test
    void rangeArrivesInOrderAndCompletes() {
        Recorder<ByteBuf> recorder = read(BLOCK, 10 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        assertThat(recorder.completes).isOne();
        assertThat(recorder.elements).hasSize(10);
        assertDelivered(recorder, BLOCK, 10 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void eachSubscriptionReadsAgain() {
        Flux<ByteBuf> stream = fixture.namespace.readStream(0, BLOCK);
        assertThat(fixture.controller.wire).isEmpty();
        stream.subscribe(ByteBuf::release);
        stream.subscribe(ByteBuf::release);
        fixture.pump();
        assertThat(fixture.controller.wire).containsExactly(Wire.read(0, 1), Wire.read(0, 1));
    }

    @Test
    void emptyRangeCompletesWithoutACommand() {
        assertThat(read(64 * BLOCK, 0, BY_BLOCK, 0).completes).isOne();
        assertThat(fixture.controller.wire).isEmpty();
    }

    @Test
    void oneDemandedElementIsOneCommand() {
        Recorder<ByteBuf> recorder = read(0, 10 * BLOCK, BY_BLOCK, 0);
        assertThat(fixture.controller.wire).isEmpty();
        recorder.request(1);
        fixture.pump();
        assertThat(fixture.controller.wire).hasSize(1);
        assertThat(recorder.elements).hasSize(1);
        recorder.request(2);
        fixture.pump();
        assertThat(fixture.controller.wire).hasSize(3);
        assertDelivered(recorder, 0, 3 * BLOCK);
        recorder.cancel();
        fixture.pump();
        assertNothingHeld();
    }

    @Test
    void inFlightAndWaitingTogetherStayWithinDemandAndWindow() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, 3);
        assertThat(fixture.controller.outstanding()).isEqualTo(3);
        fixture.answer(2);
        fixture.answer(1);
        assertThat(recorder.elements).isEmpty();
        assertThat(fixture.controller.wire).hasSize(3);
        recorder.request(100);
        fixture.pump();
        assertThat(fixture.controller.wire).hasSize(4);
        fixture.answer(0);
        assertThat(recorder.elements).hasSize(3);
        assertThat(fixture.controller.wire).hasSize(7);
        recorder.cancel();
        fixture.pump();
        fixture.answerAll();
        recorder.elements.forEach(ByteBuf::release);
        assertNothingHeld();
    }

    @Test
    void windowIsBoundedByTheSlotsOfTheQueue() {
        use(NamespaceFixture.blocks(64).slots(2));
        fixture.controller.hold = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK.statistics(statistics), Long.MAX_VALUE);
        assertThat(fixture.controller.outstanding()).isEqualTo(2);
        assertThat(statistics.limitBytes()).isEqualTo(2 * BLOCK);
        recorder.cancel();
        fixture.pump();
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void completionsInReverseOrderAreDeliveredInOrder() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(0, 12 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        while (fixture.controller.outstanding() > 0) {
            fixture.answerNewest();
        }
        assertThat(recorder.completes).isOne();
        assertDelivered(recorder, 0, 12 * BLOCK);
        assertNothingHeld();
    }

    @ParameterizedTest(name = "[{index}] boundary {0}, largest transfer {1} blocks, chunk {2} bytes, from {3}: {4}")
    @CsvSource({
        "0, 0, 4096, 0, '0+8 8+8 16+4'",
        "0, 5, 4096, 0, '0+5 5+5 10+5 15+5'",
        "0, 0, 1, 18, '18+1 19+1'",
        "0, 0, 1535, 14, '14+2 16+2 18+2'",
        "8, 0, 4096, 3, '3+5 8+8 16+4'",
        "8, 0, 65536, 3, '3+5 8+8 16+4'",
        "8, 3, 4096, 6, '6+2 8+3 11+3 14+2 16+3 19+1'",
        "7, 0, 2048, 0, '0+4 4+3 7+4 11+3 14+4 18+2'",
        "16, 0, 1048576, 0, '0+16 16+4'",
    })
    @Covers({"MDTS in units of CAP.MPSMIN bounds a transfer", "Streams do not cross NOIOB boundaries"})
    void chunksKeepTransferLimitAndBoundary(int boundary, int transfer, int chunk, int from, String expected) {
        use(NamespaceFixture.blocks(64).boundary(boundary).maxTransfer((long) transfer * BLOCK));
        Recorder<ByteBuf> recorder = read(
                (long) from * BLOCK,
                (long) (20 - from) * BLOCK,
                ReadStreamOptions.defaults().chunkSize(chunk),
                Long.MAX_VALUE);
        assertThat(fixture.controller.wire.stream()
                        .map(sent -> sent.slba() + "+" + sent.blocks())
                        .toList())
                .containsExactly(expected.split(" "));
        assertThat(recorder.elements).hasSize(expected.split(" ").length);
        assertDelivered(recorder, (long) from * BLOCK, (long) (20 - from) * BLOCK);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void cancelAtAnyStepReleasesEverything(int answered) {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        // Newest first, so that some wait for their turn.
        IntStream.range(0, answered).forEach(i -> fixture.answerNewest());
        int sent = fixture.controller.wire.size();
        recorder.cancel();
        fixture.pump();
        recorder.elements.forEach(ByteBuf::release);
        assertThat(fixture.aborted).hasSize(fixture.controller.outstanding());
        fixture.answerAll();
        assertThat(fixture.controller.wire).hasSize(sent);
        assertThat(recorder.isDone()).isFalse();
        assertNothingHeld();
    }

    @Test
    void cancelBeforeAnythingLeftSendsNothing() {
        fixture.controller.holdBack = true;
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        recorder.cancel();
        fixture.pump();
        fixture.onLoop(fixture.controller::flushUnsent);
        assertThat(fixture.controller.wire).isEmpty();
        assertThat(fixture.aborted).isEmpty();
        assertNothingHeld();
    }

    @Test
    void cancelFromWithinAnElementStopsAtOnce() {
        Recorder<ByteBuf> taken = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace.readStream(0, 20 * BLOCK, BY_BLOCK).take(3).subscribe(taken);
        fixture.pump();
        assertThat(taken.elements).hasSize(3);
        assertThat(taken.completes).isOne();
        assertDelivered(taken, 0, 3 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void elementsBeforeTheFailedChunkComeFirst() {
        fixture.controller.hold = true;
        fixture.controller.statusAt.put(2L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        fixture.answer(2);
        fixture.answer(2);
        assertThat(recorder.isDone()).isFalse();
        int sent = fixture.controller.wire.size();
        fixture.answer(1);
        fixture.answer(0);
        assertThat(fixture.controller.wire).hasSize(sent);
        assertThat(recorder.elements).hasSize(2);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeStatusException.class);
        assertDelivered(recorder, 0, 2 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void failureGivesUpWhatIsBehindIt() {
        fixture.controller.hold = true;
        fixture.controller.statusAt.put(0L, Status.of(StatusCode.UNRECOVERED_READ_ERROR));
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        fixture.answer(1);
        fixture.answer(0);
        assertThat(recorder.errors).hasSize(1);
        assertThat(recorder.elements).isEmpty();
        assertThat(fixture.aborted).hasSize(2);
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void shortTransferFailsTheStream() {
        fixture.controller.shortAt.put(1L, BLOCK - 1);
        Recorder<ByteBuf> recorder = read(0, 4 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeProtocolException.class);
        assertDelivered(recorder, 0, BLOCK);
        assertNothingHeld();
    }

    @Test
    void brokenConnectionFailsTheStreamBehindWhatHadArrived() {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = read(0, 20 * BLOCK, BY_BLOCK, Long.MAX_VALUE);
        fixture.answer(0);
        fixture.answer(1);
        fixture.cut();
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertDelivered(recorder, 0, BLOCK);
        assertNothingHeld();

        assertThat(read(0, BLOCK, BY_BLOCK, 1).errors)
                .singleElement()
                .isInstanceOfSatisfying(
                        NvmeConnectionException.class,
                        error -> assertThat(error.outcome()).isEqualTo(CommandOutcome.NOT_SENT));
    }

    @ParameterizedTest
    @CsvSource({"1, 512, offset modulo the block size, 1", "512, 513, length modulo the block size, 1"})
    void unalignedRangesAreRefusedByDefault(long offset, long length, String quantity, long value) {
        assertRefused(read(offset, length, BY_BLOCK, 1), quantity, value, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "-512, 512, offset, -512, 0",
        "0, -512, length, -512, 0",
        "32768, 512, end of the range, 33280, 32768",
        "512, 32768, end of the range, 33280, 32768",
        "33280, 0, end of the range, 33280, 32768",
        "9223372036854775296, 512, end of the range, 9223372036854775807, 32768",
        "512, 9223372036854775296, end of the range, 9223372036854775807, 32768",
    })
    void rangesOutsideTheNamespaceAreRefused(long offset, long length, String quantity, long value, long limit) {
        assertRefused(read(offset, length, BY_BLOCK, 1), quantity, value, limit);
    }

    private void assertRefused(Recorder<?> recorder, String quantity, long value, long limit) {
        assertThat(recorder.errors).singleElement().isInstanceOfSatisfying(NvmeLimitException.class, refusal -> {
            assertThat(refusal.quantity()).isEqualTo(quantity);
            assertThat(refusal.value()).isEqualTo(value);
            assertThat(refusal.limit()).isEqualTo(limit);
        });
        assertThat(fixture.controller.wire).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 510", "0, 1", "511, 1", "511, 2", "100, 5000", "512, 700", "32767, 1", "3, 32765"})
    void unalignedRangesAreTrimmedWhenAllowed(long offset, long length) {
        Recorder<ByteBuf> recorder = read(
                offset,
                length,
                ReadStreamOptions.defaults().chunkSize(1024).unaligned(Unaligned.ALLOW),
                Long.MAX_VALUE);
        assertThat(recorder.completes).isOne();
        assertDelivered(recorder, offset, length);
        assertNothingHeld();
    }

    @Test
    void statisticsShowWhatHeldThePeak() {
        fixture.controller.hold = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<ByteBuf> recorder = read(0, 10 * BLOCK, BY_BLOCK.statistics(statistics), Long.MAX_VALUE);
        assertThat(statistics.bytesInFlight()).isEqualTo(4 * BLOCK);
        fixture.answer(1);
        assertThat(statistics.bytesInFlight()).isEqualTo(4 * BLOCK);
        while (fixture.controller.outstanding() > 0) {
            fixture.answer(0);
        }
        assertThat(statistics.limitBytes()).isEqualTo(4 * BLOCK);
        assertThat(statistics.peakBytesInFlight()).isEqualTo(4 * BLOCK);
        assertThat(statistics.bytesInFlight()).isZero();
        assertThat(statistics.bytesTransferred()).isEqualTo(10 * BLOCK);
        assertThat(statistics.commands()).isEqualTo(10);
        assertThat(statistics).hasToString("5120 bytes in 10 commands, 0 bytes in flight, at most 2048 of 2048");
        assertDelivered(recorder, 0, 10 * BLOCK);
    }

    @Test
    void cancelLeavesNothingInFlightInTheStatistics() {
        fixture.controller.hold = true;
        StreamStatistics statistics = new StreamStatistics();
        Recorder<ByteBuf> recorder = read(0, 10 * BLOCK, BY_BLOCK.statistics(statistics), Long.MAX_VALUE);
        fixture.answer(3);
        recorder.cancel();
        fixture.pump();
        assertThat(statistics.bytesInFlight()).isZero();
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void elementsThatOperatorsDropGoToTheDiscardHook() {
        Recorder<ByteBuf> recorder = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .readStream(0, 8 * BLOCK, BY_BLOCK)
                .skip(3)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .subscribe(recorder);
        fixture.pump();
        assertThat(recorder.elements).hasSize(5);
        assertDelivered(recorder, 3 * BLOCK, 5 * BLOCK);
        assertNothingHeld();
    }

    @Test
    void optionsHaveRangesAndDefaults() {
        ReadStreamOptions defaults = ReadStreamOptions.defaults();
        assertThat(List.of(defaults.chunkSize(), defaults.window())).containsExactly(131_072, 16);
        assertThat(defaults.unaligned()).isEqualTo(Unaligned.REFUSE);
        assertThat(defaults.statistics()).isNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults.chunkSize(0))
                .withMessageContaining("chunkSize 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults.window(0))
                .withMessageContaining("window 0");
        assertThatIllegalArgumentException().isThrownBy(() -> defaults.window(65_536));
    }
}
