package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.namespace.IoOptions;
import io.nvmf.testing.Recorder;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Commands of a view of a namespace with a time limit of its own. */
class CallDeadlineTest {

    private static final int BLOCK = NamespaceFixture.BLOCK;
    private static final Duration OF_THE_CLIENT = Duration.ofSeconds(8);
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final NamespaceFixture fixture =
            NamespaceFixture.blocks(64).slots(2).commandTimeout(OF_THE_CLIENT).build();

    @AfterEach
    void allMemoryComesBack() {
        fixture.cut();
        assertThat(fixture.usedMemory()).isZero();
    }

    private <T> Recorder<T> run(Mono<T> command, long demand) {
        Recorder<T> recorder = new Recorder<>(demand);
        command.subscribe(recorder);
        fixture.pump();
        return recorder;
    }

    private <T> Recorder<T> run(Mono<T> command) {
        return run(command, Long.MAX_VALUE);
    }

    private static void timedOut(Recorder<?> recorder, Duration time, CommandOutcome outcome) {
        assertThat(recorder.elements).isEmpty();
        assertThat(recorder.errors).singleElement().isInstanceOfSatisfying(NvmeTimeoutException.class, timeout -> {
            assertThat(timeout.duration()).isEqualTo(time);
            assertThat(timeout.outcome()).isEqualTo(outcome);
        });
    }

    @Test
    void aShorterTimeIsKeptExactlyForEveryCommand() {
        fixture.hold();
        NvmeNamespace urgent = fixture.namespace.timeout(SHORT);
        for (Mono<?> command : List.of(urgent.read(0, 1), urgent.write(0, fixture.data(BLOCK)), urgent.flush())) {
            Recorder<?> recorder = run(command);
            fixture.pass(SHORT.minusMillis(1));
            assertThat(recorder.isDone()).isFalse();
            fixture.pass(Duration.ofMillis(1));
            timedOut(recorder, SHORT, CommandOutcome.UNKNOWN);
            fixture.answerAll();
        }
        assertThat(fixture.aborted).hasSize(3);
    }

    @Test
    void aDestinationThatTheControllerCanWriteIntoIsWaitedFor() {
        fixture.hold();
        ByteBuf destination = Unpooled.buffer(BLOCK, BLOCK);
        Recorder<Void> recorder = run(fixture.namespace.timeout(SHORT).readInto(0, destination));
        fixture.pass(SHORT);
        assertThat(recorder.isDone()).isFalse();
        assertThat(fixture.aborted).hasSize(1);
        fixture.answerAll();
        timedOut(recorder, SHORT, CommandOutcome.UNKNOWN);
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
    }

    @Test
    void aLongerTimeOutlastsTheClients() {
        fixture.hold();
        Recorder<Void> patient = run(fixture.namespace.timeout(LONG).flush());
        Recorder<Void> usual = run(fixture.namespace.flush());
        fixture.pass(OF_THE_CLIENT.multipliedBy(2));
        assertThat(patient.isDone()).isFalse();
        timedOut(usual, OF_THE_CLIENT, CommandOutcome.UNKNOWN);
        fixture.answerAll();
        assertThat(patient.completes).isEqualTo(1);
        fixture.pass(LONG);
        assertThat(patient.errors).isEmpty();
    }

    @Test
    void aCommandThatHasPassedItsOwnTimeIsBoundedByTheClientsFromThenOn() {
        fixture.hold();
        Recorder<Void> patient = run(fixture.namespace.timeout(LONG).flush());
        fixture.pass(LONG);
        timedOut(patient, LONG, CommandOutcome.UNKNOWN);
        assertThat(fixture.controller.ended()).isFalse();
        fixture.pass(OF_THE_CLIENT.multipliedBy(2));
        assertThat(fixture.controller.ended()).isTrue();
    }

    @Test
    void zeroIsNoLimitAtAll() {
        fixture.hold();
        Recorder<Void> unlimited = run(fixture.namespace.timeout(Duration.ZERO).flush());
        fixture.pass(LONG.multipliedBy(1000));
        assertThat(unlimited.isDone()).isFalse();
        fixture.answerAll();
        assertThat(unlimited.completes).isEqualTo(1);
    }

    @Test
    void waitingForASlotTakesItsTimeAndOthersThatWaitAreNotHidden() {
        fixture.hold();
        NvmeNamespace unlimited = fixture.namespace.timeout(Duration.ZERO);
        run(unlimited.flush());
        run(unlimited.flush());
        Recorder<Void> waits = run(unlimited.flush());
        Recorder<Void> urgent = run(fixture.namespace.timeout(SHORT).write(0, fixture.data(BLOCK)));
        Recorder<Void> usual = run(fixture.namespace.flush());
        fixture.pass(SHORT);
        timedOut(urgent, SHORT, CommandOutcome.NOT_SENT);
        fixture.pass(OF_THE_CLIENT.plusSeconds(1));
        timedOut(usual, OF_THE_CLIENT, CommandOutcome.NOT_SENT);
        assertThat(waits.isDone()).isFalse();
        assertThat(fixture.controller.wire).hasSize(2);
        assertThat(fixture.aborted).isEmpty();
    }

    @Test
    void theClockStopsWithTheCommand() {
        NvmeNamespace urgent = fixture.namespace.timeout(SHORT);
        assertThat(run(urgent.flush()).completes).isEqualTo(1);
        Recorder<ByteBuf> read = run(urgent.read(0, 1));
        read.elements.forEach(ByteBuf::release);
        Recorder<ByteBuf> cancelled = run(urgent.read(0, 1), 0);
        cancelled.cancel();
        int before = fixture.loop.executed();
        fixture.pass(SHORT);
        assertThat(fixture.loop.executed()).as("nobody wakes the event loop").isEqualTo(before);
        assertThat(read.errors).isEmpty();
        assertThat(cancelled.errors).isEmpty();
    }

    @Test
    void aReadThatNobodyAsksForTimesOutAndIsNotSent() {
        Recorder<ByteBuf> read = run(fixture.namespace.timeout(SHORT).read(0, 1), 0);
        fixture.pass(SHORT);
        // not on an event loop, because it has none yet, and not on the timer's thread
        Awaitility.await().until(read::isDone);
        timedOut(read, SHORT, CommandOutcome.NOT_SENT);
        read.request(1);
        fixture.pump();
        assertThat(fixture.controller.wire).isEmpty();
    }

    @Test
    void aFailureAndALossComeThroughOnce() {
        fixture.hold();
        Recorder<Void> lost = run(fixture.namespace.timeout(SHORT).flush());
        fixture.cut();
        assertThat(lost.errors).singleElement().isInstanceOf(NvmeConnectionException.class);
        fixture.pass(LONG);
        assertThat(lost.errors).hasSize(1);
    }

    @Test
    void aTimerThatTakesNoTasksFailsTheCommand() {
        fixture.timer.dispose();
        ByteBuf data = fixture.data(BLOCK);
        assertThat(run(fixture.namespace.timeout(SHORT).write(0, data)).errors)
                .singleElement()
                .isInstanceOf(NvmeConnectionException.class);
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void aViewIsTheSameNamespaceAndViewsDoNotAddUp() {
        NvmeNamespace view = fixture.namespace.timeout(SHORT);
        assertThat(view.id()).isEqualTo(fixture.namespace.id());
        assertThat(view.identify()).isSameAs(fixture.namespace.identify());
        fixture.hold();
        Recorder<Void> usual = run(view.with(IoOptions.defaults()).flush());
        fixture.pass(SHORT.multipliedBy(2));
        assertThat(usual.isDone()).isFalse();
    }

    @Test
    void timesOutOfRangeAreRefused() {
        for (Duration time : List.of(Duration.ofNanos(1), Duration.ofSeconds(-1), Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> fixture.namespace.timeout(time))
                    .withMessageContaining("timeout")
                    .withMessageContaining(time.toString());
        }
        assertThat(IoOptions.defaults().timeout(SHORT).timeout()).isEqualTo(SHORT);
        assertThat(IoOptions.defaults().timeout()).isNull();
    }
}
