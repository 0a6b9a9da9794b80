package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.nvmf.MemoryController.Wire;
import io.nvmf.command.ByteRange;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.TransferReport;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.namespace.WriteStreamOptions.Durability;
import io.nvmf.namespace.WriteStreamOptions.Unaligned;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.ManualEventExecutor;
import io.nvmf.testing.Recorder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** A stream spreads its commands over the queues of its controller, and lives on the event loop of the first. */
class StreamOverQueuesTest extends WriteStreamHarness {

    private static final ReadStreamOptions READ =
            ReadStreamOptions.defaults().chunkSize(BLOCK).window(4).queues(2);
    private static final WriteStreamOptions WRITE = BY_BLOCK.queues(2);

    @BeforeEach
    void twoQueues() {
        use(NamespaceFixture.blocks(64).queues(2));
    }

    private Recorder<ByteBuf> read(int blocks, ReadStreamOptions options, long demand) {
        Recorder<ByteBuf> recorder = new Recorder<>(demand);
        fixture.namespace.readStream(0, (long) blocks * BLOCK, options).subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private void answer(int queue, int index) {
        fixture.onLoop(queue, () -> fixture.controllers.get(queue).answer(index));
    }

    /** The answer arrives, and the other event loops have no turn yet. */
    private void answerOnly(int queue) {
        fixture.loops.get(queue).call(() -> fixture.controllers.get(queue).answerAll());
    }

    private void assertFirstBlocks(Recorder<ByteBuf> recorder, int blocks) {
        assertThat(recorder.elements).hasSize(blocks);
        for (int i = 0; i < blocks; i++) {
            ByteBuf data = recorder.elements.get(i);
            assertThat(ByteBufUtil.getBytes(data))
                    .isEqualTo(Arrays.copyOfRange(fixture.media(), i * BLOCK, (i + 1) * BLOCK));
            data.release();
        }
        recorder.elements.clear();
    }

    @Override
    void assertNothingHeld() {
        fixture.pump();
        assertThat(fixture.usedMemory()).isZero();
    }

    @Test
    void chunksOfAReadTakeQueuesInTurn() {
        Recorder<ByteBuf> recorder = read(6, READ, Long.MAX_VALUE);
        assertThat(fixture.controllers.get(0).wire).containsExactly(Wire.read(0, 1), Wire.read(2, 1), Wire.read(4, 1));
        assertThat(fixture.controllers.get(1).wire).containsExactly(Wire.read(1, 1), Wire.read(3, 1), Wire.read(5, 1));
        assertFirstBlocks(recorder, 6);
        assertThat(recorder.completes).isOne();
        assertNothingHeld();
    }

    @Test
    void chunksOfAWriteTakeQueuesInTurnAndOneFlushFollows() {
        Recorder<TransferProgress> recorder = write(0, source(6 * BLOCK), WRITE.durability(Durability.FLUSH));
        assertThat(fixture.controllers.get(0).wire)
                .containsExactly(Wire.write(0, 1), Wire.write(2, 1), Wire.write(4, 1), Wire.flush());
        assertThat(fixture.controllers.get(1).wire)
                .containsExactly(Wire.write(1, 1), Wire.write(3, 1), Wire.write(5, 1));
        assertThat(recorder.last().durable()).isTrue();
        assertMedia(0, 6 * BLOCK);
        assertNothingHeld();
    }

    /** What is durable was answered on every queue before the Flush was sent. */
    @Test
    void flushWaitsForTheWritesOfAllQueues() {
        fixture.hold();
        write(0, source(2 * BLOCK), WRITE.durability(Durability.FLUSH));
        answer(0, 0);
        assertThat(fixture.sent()).containsExactly(1, 1);
        answer(1, 0);
        assertThat(fixture.sent()).containsExactly(2, 1);
    }

    @Test
    void nextStreamBeginsWithTheNextQueue() {
        read(1, READ, 1).elements.forEach(ByteBuf::release);
        assertThat(fixture.sent()).containsExactly(1, 0);
        read(1, READ, 1).elements.forEach(ByteBuf::release);
        assertThat(fixture.sent()).containsExactly(1, 1);
    }

    /** Small chunks are not worth a hand-over, unless that is asked for. */
    @Test
    void chunksBelow128KibStayOnOneQueueUnlessAskedFor() {
        int large = ReadStreamOptions.SPREAD_CHUNK_SIZE;
        use(NamespaceFixture.blocks(8 * large / BLOCK).queues(2));
        ReadStreamOptions options = ReadStreamOptions.defaults().window(4);
        int spread = Math.min(2, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        assertThat(queuesOf(options.chunkSize(large), 8L * large)).isEqualTo(spread);
        assertThat(queuesOf(options.chunkSize(large).queues(1), 8L * large)).isOne();
        assertThat(queuesOf(options.chunkSize(large - 1), 8L * large)).isOne();
        assertThat(queuesOf(options.chunkSize(large - 1).queues(9), 8L * large)).isEqualTo(2);
        assertThat(queuesOf(options.chunkSize(large), large)).isOne();
        use(NamespaceFixture.blocks(8 * large / BLOCK).queues(2).maxTransfer(large / 2));
        assertThat(queuesOf(options.chunkSize(large), 8L * large)).isOne();
    }

    /** How many queues a read stream uses; a write stream uses as many if asked to, else one. */
    private int queuesOf(ReadStreamOptions options, long length) {
        fixture.controllers.forEach(one -> one.wire.clear());
        fixture.namespace
                .readStream(0, length, options)
                .doOnNext(ByteBuf::release)
                .subscribe();
        fixture.pump();
        long used = fixture.sent().stream().filter(sent -> sent > 0).count();
        fixture.controllers.forEach(one -> one.wire.clear());
        WriteStreamOptions same = WriteStreamOptions.defaults()
                .chunkSize(options.chunkSize())
                .window(options.window())
                .durability(Durability.NONE)
                .expectedLength(length);
        boolean asked = options.queues() != ReadStreamOptions.AUTOMATIC_QUEUES;
        write(0, source((int) length), asked ? same.queues(options.queues()) : same);
        assertThat(fixture.sent().stream().filter(sent -> sent > 0).count()).isEqualTo(asked ? used : 1);
        return (int) used;
    }

    /** A stream that has one command at a time gains nothing from more queues. */
    @Test
    void streamOfOneCommandAtATimeStaysOnOneQueue() {
        read(4, READ.window(1), 4).elements.forEach(ByteBuf::release);
        assertThat(fixture.sent()).containsExactly(4, 0);
        assertThat(fixture.loops.get(1).executed()).isOne(); // the queue's own start
    }

    @Test
    void dataComesInOrderWhateverQueueAnswersFirst() {
        fixture.hold();
        Recorder<ByteBuf> recorder = read(4, READ, Long.MAX_VALUE);
        answer(1, 1);
        answer(1, 0);
        answer(0, 1);
        assertThat(recorder.elements).isEmpty();
        answer(0, 0);
        assertFirstBlocks(recorder, 4);
        assertNothingHeld();
    }

    @Test
    void signalsComeOnOneEventLoop() {
        ManualEventExecutor home = fixture.loops.get(0);
        AtomicInteger signals = new AtomicInteger();
        fixture.namespace
                .readStream(0, 8 * BLOCK, READ)
                .doOnNext(ByteBuf::release)
                .doOnEach(signal -> {
                    assertThat(home.inEventLoop()).isTrue();
                    assertThat(fixture.loops.get(1).inEventLoop()).isFalse();
                    signals.incrementAndGet();
                })
                .subscribe();
        fixture.pump();
        assertThat(signals).hasValue(9);
    }

    @Test
    void windowBoundsWhatIsInFlightOnAllQueuesTogether() {
        fixture.hold();
        StreamStatistics statistics = new StreamStatistics();
        Recorder<ByteBuf> reading = read(16, READ.window(3).statistics(statistics), Long.MAX_VALUE);
        assertThat(fixture.sent()).containsExactly(2, 1);
        assertThat(statistics.limitBytes()).isEqualTo(3 * BLOCK);
        for (int i = 0; i < 16; i++) {
            fixture.answerAll();
        }
        assertThat(statistics.peakBytesInFlight()).isEqualTo(3 * BLOCK);
        assertFirstBlocks(reading, 16);
        Recorder<TransferProgress> writing = write(0, source(16 * BLOCK), WRITE.window(3));
        for (int i = 0; i < 16; i++) {
            fixture.answerAll();
        }
        assertThat(writing.last().peakBytesInFlight()).isEqualTo(3 * BLOCK);
        assertNothingHeld();
    }

    /** A stream alone never waits for a slot. */
    @Test
    void slotsOfAllQueuesBoundTheWindow() {
        use(NamespaceFixture.blocks(64).queues(2).slots(3).pendingLimit(1));
        fixture.hold();
        StreamStatistics statistics = new StreamStatistics();
        Recorder<ByteBuf> reading = read(16, READ.window(100).statistics(statistics), Long.MAX_VALUE);
        assertThat(fixture.sent()).containsExactly(3, 3);
        assertThat(statistics.limitBytes()).isEqualTo(6 * BLOCK);
        for (int i = 0; i < 16; i++) {
            fixture.answerAll();
        }
        assertFirstBlocks(reading, 16);
    }

    @Test
    void demandBoundsWhatIsSentOnAllQueuesTogether() {
        Recorder<ByteBuf> recorder = read(16, READ, 3);
        assertThat(fixture.sent()).containsExactly(2, 1);
        assertFirstBlocks(recorder, 3);
        recorder.cancel();
        assertNothingHeld();
    }

    /** However much another event loop hands over, the stream's own is woken once. */
    @Test
    void manyCompletionsWakeTheHomeOnce() {
        fixture.hold();
        Recorder<ByteBuf> recorder = read(16, READ.window(16), Long.MAX_VALUE);
        answerOnly(1);
        assertThat(fixture.loops.get(0).pendingTasks()).isOne();
        answerOnly(0);
        assertThat(fixture.loops.get(0).pendingTasks()).isOne();
        fixture.pump();
        assertFirstBlocks(recorder, 16);
        assertNothingHeld();
    }

    @Test
    void whatIsHandedOverToAStreamThatHasEndedIsReleased() {
        fixture.hold();
        fixture.controllers.get(0).statusAt.put(0L, Status.of(StatusCode.INTERNAL_ERROR));
        Recorder<ByteBuf> recorder = read(4, READ, Long.MAX_VALUE);
        answerOnly(0);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeStatusException.class);
        answerOnly(1); // the cancel of these commands has not arrived yet
        assertThat(fixture.usedMemory()).isPositive();
        assertNothingHeld();
    }

    @Test
    void answerAfterTheEndIsReleasedOnWhateverQueueItComes() {
        fixture.hold();
        fixture.controllers.get(0).statusAt.put(0L, Status.of(StatusCode.INTERNAL_ERROR));
        Recorder<ByteBuf> recorder = read(4, READ, Long.MAX_VALUE);
        answer(0, 0);
        assertThat(recorder.errors).hasSize(1);
        assertThat(fixture.aborted).hasSize(3);
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void failureOnAnyQueueComesBehindWhatLiesBeforeIt() {
        fixture.hold();
        fixture.controllers.get(1).statusAt.put(3L, Status.of(StatusCode.INTERNAL_ERROR));
        Recorder<ByteBuf> recorder = read(8, READ, Long.MAX_VALUE);
        answer(1, 1);
        assertThat(recorder.errors).isEmpty();
        fixture.answerAll();
        assertFirstBlocks(recorder, 3);
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeStatusException.class);
        assertThat(fixture.sent()).containsExactly(2, 2);
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void lostQueueFailsTheReadOnce(int queue) {
        fixture.hold();
        Recorder<ByteBuf> recorder = read(8, READ, Long.MAX_VALUE);
        fixture.cut(queue);
        fixture.answerAll();
        assertThat(recorder.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertThat(((NvmeConnectionException) recorder.errors.get(0)).outcome()).isEqualTo(CommandOutcome.UNKNOWN);
        assertFirstBlocks(recorder, queue);
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void lostQueueFailsTheWriteWithWhatIsKnownOfEachQueue(int queue) {
        long first = (long) queue * BLOCK;
        fixture.hold();
        Recorder<TransferProgress> recorder = write(0, source(8 * BLOCK), WRITE);
        fixture.cut(queue);
        assertThat(recorder.errors).isEmpty(); // the writes on the other queue are waited for
        fixture.answerAll();
        TransferReport report = report(recorder);
        assertThat(cause(recorder)).isInstanceOf(NvmeConnectionException.class);
        assertThat(report.bytesWritten()).isEqualTo(first);
        assertThat(report.writtenBeyond())
                .containsExactlyElementsOf(
                        queue == 0
                                ? List.of(new ByteRange(BLOCK, BLOCK), new ByteRange(3 * BLOCK, BLOCK))
                                : List.of(new ByteRange(2 * BLOCK, BLOCK)));
        assertThat(report.inDoubt())
                .containsExactly(new ByteRange(first, BLOCK), new ByteRange(first + 2 * BLOCK, BLOCK));
        assertNothingHeld();
    }

    /** What waited for a slot of the lost queue is known not to be written. */
    @Test
    void writesThatWaitedOnTheLostQueueAreNotInDoubt() {
        use(NamespaceFixture.blocks(64).queues(2).slots(2));
        fixture.hold();
        for (int i = 0; i < 4; i++) {
            fixture.namespace.flush().onErrorComplete().subscribe();
        }
        fixture.pump();
        Recorder<TransferProgress> recorder = write(0, source(4 * BLOCK), WRITE);
        fixture.cut(1);
        fixture.answerAll();
        fixture.answerAll();
        TransferReport report = report(recorder);
        assertThat(report.inDoubt()).isEmpty();
        assertThat(report.bytesWritten()
                        + report.writtenBeyond().stream()
                                .mapToLong(ByteRange::length)
                                .sum())
                .isEqualTo(2 * BLOCK);
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void streamHearsOfALostQueueWhateverItWaitsFor(int queue) {
        Recorder<ByteBuf> waitingForDemand = read(8, READ, 2);
        assertFirstBlocks(waitingForDemand, 2);
        AtomicInteger cancels = new AtomicInteger();
        Recorder<TransferProgress> waitingForSource =
                write(0, source(2 * BLOCK).concatWith(Flux.never()).doOnCancel(cancels::incrementAndGet), WRITE);
        fixture.cut(queue);
        assertThat(waitingForDemand.errors).hasSize(1);
        assertThat(waitingForSource.errors).hasSize(1);
        assertThat(report(waitingForSource).bytesWritten()).isEqualTo(2 * BLOCK);
        assertThat(cancels).hasValue(1);
        assertNothingHeld();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void queueThatClosesInOrderEndsTheStreamWhenItsCommandsHaveEnded(int queue) {
        fixture.hold();
        Recorder<ByteBuf> reading = read(8, READ, Long.MAX_VALUE);
        fixture.queues.get(queue).drain().subscribe();
        fixture.pump();
        assertThat(reading.isDone()).isFalse();
        fixture.answerAll();
        assertFirstBlocks(reading, 4);
        assertThat(reading.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertThat(fixture.sent()).containsExactly(2, 2);
        assertNothingHeld();
    }

    /** A queue forgets the streams that have ended. */
    @Test
    void streamThatHasEndedHearsNothingOfItsQueues() {
        Recorder<ByteBuf> recorder = read(4, READ, Long.MAX_VALUE);
        assertFirstBlocks(recorder, 4);
        int executed = fixture.loops.get(0).executed();
        fixture.cut(1);
        assertThat(fixture.loops.get(0).executed()).isEqualTo(executed);
        assertThat(recorder.errors).isEmpty();
    }

    @Test
    void eventLoopOfAnotherQueueThatIsGoneFailsTheStream() {
        fixture.loops.get(1).shutDown();
        Recorder<ByteBuf> reading = read(4, READ, Long.MAX_VALUE);
        assertThat(reading.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        assertFirstBlocks(reading, 1);
        Recorder<TransferProgress> writing = write(0, source(4 * BLOCK), WRITE);
        assertThat(report(writing).inDoubt()).isEmpty();
        assertNothingHeld();
    }

    /**
     * The stream is cancelled behind each step of either event loop; whatever is on its way between them comes back.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingComesBackAfterACancelBehindAnyStep(boolean writes) {
        for (int steps = 0; steps < 60; steps++) {
            for (int seed = 0; seed < 20; seed++) {
                cancelBehind(steps, new SplittableRandom(seed), writes);
            }
        }
    }

    private void cancelBehind(int steps, SplittableRandom random, boolean writes) {
        use(NamespaceFixture.blocks(16).queues(2));
        fixture.hold();
        Recorder<?> recorder;
        if (writes) {
            Recorder<TransferProgress> progress = new Recorder<>(Long.MAX_VALUE);
            fixture.namespace
                    .writeStream(
                            10,
                            source(6 * BLOCK),
                            WRITE.unaligned(Unaligned.READ_MODIFY_WRITE).durability(Durability.FLUSH))
                    .subscribe(progress);
            recorder = progress;
        } else {
            Recorder<ByteBuf> data = new Recorder<>(Long.MAX_VALUE);
            fixture.namespace
                    .readStream(0, 8 * BLOCK, READ)
                    .doOnNext(ByteBuf::release)
                    .subscribe(data);
            recorder = data;
        }
        for (int i = 0; i < steps; i++) {
            int queue = random.nextInt(2);
            if (random.nextBoolean()) {
                fixture.loops.get(queue).turn();
            } else if (fixture.controllers.get(queue).outstanding() > 0) {
                fixture.loops
                        .get(queue)
                        .call(() -> fixture.controllers.get(queue).answerNewest());
            }
        }
        boolean ended = recorder.isDone();
        int elements = recorder.elements.size();
        recorder.cancel();
        List<Integer> sent = fixture.sent();
        fixture.pump();
        assertThat(fixture.sent()).isEqualTo(sent);
        fixture.answerAll();
        assertNothingHeld();
        assertThat(recorder.isDone()).isEqualTo(ended);
        assertThat(recorder.elements).hasSize(elements);
    }

    @Test
    void subscriberThatThrowsLosesNothingThatIsOnItsWay() {
        fixture.hold();
        Recorder<ByteBuf> recorder = new Recorder<>(Long.MAX_VALUE) {
            @Override
            protected void hookOnNext(ByteBuf data) {
                data.release();
                throw new IllegalStateException("subscriber");
            }
        };
        fixture.namespace.readStream(0, 8 * BLOCK, READ).subscribe(recorder);
        fixture.pump();
        answerOnly(1);
        answerOnly(0);
        fixture.pump();
        fixture.answerAll();
        assertNothingHeld();
    }

    @Test
    void firstAndLastBlockAreMergedWhateverQueueWritesThem() {
        write(100, source(5 * BLOCK), WRITE.unaligned(Unaligned.READ_MODIFY_WRITE));
        assertMedia(100, 5 * BLOCK);
        assertThat(fixture.sent()).containsExactly(4, 4);
        assertNothingHeld();
    }
}
