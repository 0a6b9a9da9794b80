package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.TIMEOUT;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** A timeout escalates: abort, orphan, and after a second period the end of the queue pair. */
class HostQueueTimeoutTest {

    /** The scan's resolution. */
    private static final Duration TICK = TIMEOUT.dividedBy(8);

    private final QueueFixture fixture = new QueueFixture(2);

    @AfterEach
    void allMemoryComesBack() {
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void commandIsAbortedNotBeforeItsTimeoutAndWithinAnEighthMore() {
        Probe probe = fixture.execute(read(16));
        fixture.pass(TIMEOUT);
        assertThat(probe.silent()).isTrue();
        fixture.pass(TICK);
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TIMEOUT, CommandOutcome.UNKNOWN))
                .isTrue();
        assertThat(fixture.aborts).containsExactly(0);
        assertThat(fixture.pair.usedMemory()).isPositive();
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void lateResponseMakesGoodAndTheQueueGoesOn() {
        fixture.execute(read(16));
        fixture.pass(TIMEOUT.plus(TICK));
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(fixture.pair.usedMemory()).isZero();
        fixture.pass(TIMEOUT.multipliedBy(3));
        assertThat(fixture.terminations).isEmpty();
        Probe next = fixture.execute(named(2));
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(next.completes).isEqualTo(1);
    }

    @Test
    void missingResponseAfterASecondPeriodClosesTheQueuePair() {
        fixture.execute(read(16));
        fixture.pass(TIMEOUT.plus(TICK));
        fixture.pass(TIMEOUT);
        assertThat(fixture.terminations).isEmpty();
        fixture.pass(TICK);
        assertThat(fixture.terminations)
                .singleElement()
                .isInstanceOfSatisfying(
                        Termination.IoFailure.class,
                        end -> assertThat(TestFailure.is(end.cause(), TestFailure.Kind.TIMEOUT, CommandOutcome.UNKNOWN))
                                .isTrue());
        assertThat(fixture.aborts).containsExactly(0);
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    void orphanOfACancelHasOnePeriodToo() {
        fixture.execute(named(1)).cancel();
        fixture.loop.pump();
        fixture.pass(TIMEOUT);
        assertThat(fixture.terminations).isEmpty();
        fixture.pass(TICK);
        assertThat(fixture.terminations).hasSize(1);
    }

    @Test
    void commandThatNeverLeftIsWithdrawnAndKnownAsNotSent() {
        fixture.pair.holdBack = true;
        ByteBuf data = QueueFixture.data(8);
        Probe probe = fixture.execute(write(data));
        fixture.pass(TIMEOUT.plus(TICK));
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TIMEOUT, CommandOutcome.NOT_SENT))
                .isTrue();
        assertThat(data.refCnt()).isZero();
        assertThat(fixture.aborts).isEmpty();
    }

    @Test
    void waitingCommandGetsTheSlotThatIsStillFree() {
        QueueFixture one = new QueueFixture(1);
        one.pair.holdBack = true;
        one.execute(named(1));
        one.pass(TICK);
        one.execute(named(2));
        one.pass(TIMEOUT);
        one.onLoop(one.pair::flushUnsent);
        assertThat(one.pair.left).containsExactly(2);
    }

    @Test
    void streamFailsAndItsOtherCommandsAreAborted() {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue.execute(Flux.range(1, 9).map(QueueFixture::named)).subscribe(probe);
        fixture.loop.pump();
        fixture.pass(TIMEOUT.plus(TICK));
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TIMEOUT, CommandOutcome.UNKNOWN))
                .isTrue();
        assertThat(fixture.aborts).containsExactlyInAnyOrder(0, 1);
        assertThat(fixture.pair.left).containsExactly(1, 2);
    }

    @Test
    void clockStandsStillWhileNothingIsOutstanding() {
        int before = fixture.loop.executed();
        fixture.pass(TIMEOUT);
        assertThat(fixture.loop.executed()).isEqualTo(before);
        fixture.execute(named(1));
        fixture.onLoop(() -> fixture.pair.answer(0));
        fixture.pass(TIMEOUT);
        int after = fixture.loop.executed();
        fixture.pass(TIMEOUT.multipliedBy(10));
        assertThat(fixture.loop.executed()).isEqualTo(after);
        Probe later = fixture.execute(named(2));
        fixture.pass(TIMEOUT);
        assertThat(later.silent()).isTrue();
        fixture.pass(TICK);
        assertThat(later.errors).hasSize(1);
    }

    @Test
    void aTimerThatTakesNoTasksFailsTheCommandAndLosesNothing() {
        fixture.timer.dispose();
        ByteBuf data = QueueFixture.data(8);
        ByteBuf destination = Unpooled.buffer(8);
        for (Command command :
                List.of(write(data), read(8), Command.opcode(2).nsid(1).receiveInto(destination, 8), named(1))) {
            Probe probe = fixture.execute(command);
            assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TERMINATED, CommandOutcome.NOT_SENT))
                    .isTrue();
        }
        assertThat(data.refCnt()).isZero();
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
        assertThat(fixture.pair.left).isEmpty();
        Probe drained = new Probe(1);
        fixture.queue.drain().subscribe(nothing -> {}, failure -> {}, drained::cancel);
        fixture.loop.pump();
        assertThat(drained.isDisposed()).as("all slots are free").isTrue();
    }

    /** Between the shut-down and the news of it a timer may fire as often as it likes. */
    @Test
    void anEventLoopThatTakesNoTasksStopsTheClockAndEverybodyIsTold() {
        QueueFixture gone = new QueueFixture(2);
        ByteBuf data = QueueFixture.data(8);
        Probe cancelled = gone.execute(read(16));
        Probe sent = gone.execute(write(data));
        Probe waiting = gone.execute(named(3));
        Probe stream = new Probe(0);
        gone.queue.execute(Flux.never()).subscribe(stream);
        gone.loop.pump();
        gone.loop.shutDown();

        Probe late = new Probe(Long.MAX_VALUE);
        gone.queue.execute(named(4)).subscribe(late);
        cancelled.cancel();
        int before = gone.loop.rejected();
        gone.timer.advanceTimeBy(TIMEOUT.multipliedBy(3));

        assertThat(gone.loop.rejected()).as("the clock stands after one tick").isEqualTo(before + 1);
        assertThat(late.errors).hasSize(1);
        gone.pair.end(new Termination.Closed(Termination.Side.LOCAL, Termination.Closed.EVENT_LOOP_SHUT_DOWN));
        assertThat(TestFailure.is(sent.error(), TestFailure.Kind.TERMINATED, CommandOutcome.UNKNOWN))
                .isTrue();
        assertThat(TestFailure.is(waiting.error(), TestFailure.Kind.TERMINATED, CommandOutcome.NOT_SENT))
                .isTrue();
        assertThat(TestFailure.is(stream.error(), TestFailure.Kind.TERMINATED, CommandOutcome.NOT_SENT))
                .isTrue();
        assertThat(cancelled.silent()).isTrue();
        assertThat(data.refCnt()).isZero();
        assertThat(gone.pair.usedMemory()).isZero();
    }

    @Test
    void longRunningRequestsTakeReservedSlotsOnlyAndHaveNoDeadline() {
        QueueFixture admin = new QueueFixture(1, 2, 4, 4);
        List<Object> seen = new ArrayList<>();
        class Event extends Request {
            @Override
            protected Command command() {
                return named(0xAE);
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
                seen.add(response);
            }

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {
                seen.add(failure);
            }

            @Override
            protected boolean longRunning() {
                return true;
            }
        }
        admin.queue.submit(new Event());
        admin.queue.submit(new Event());
        admin.loop.pump();
        assertThat(seen)
                .singleElement()
                .isInstanceOfSatisfying(
                        Throwable.class,
                        failure -> assertThat(TestFailure.kind(failure)).isEqualTo(TestFailure.Kind.LIMIT));
        assertThat(admin.queue.slots()).isEqualTo(1);
        Probe ordinary = admin.execute(named(1));
        Probe waits = admin.execute(named(2));
        assertThat(admin.pair.left).containsExactly(0xAE, 1);
        admin.onLoop(() -> admin.pair.answer(1));
        admin.onLoop(() -> admin.pair.answer(1));
        assertThat(ordinary.completes + waits.completes).isEqualTo(2);
        admin.pass(TIMEOUT.multipliedBy(5));
        assertThat(admin.terminations).isEmpty();
        admin.onLoop(() -> admin.pair.answer(0));
        assertThat(seen).hasSize(2);
    }

    @Test
    void withoutACommandTimeoutOnlyOrphansHaveADeadline() {
        QueueFixture unbounded = new QueueFixture(2, 0, 1024, Integer.MAX_VALUE, Duration.ZERO);
        Probe waiting = unbounded.execute(named(1));
        unbounded.pass(QueueParameters.ORPHAN_TIMEOUT.multipliedBy(10));
        assertThat(waiting.silent()).isTrue();
        assertThat(unbounded.terminations).isEmpty();

        waiting.cancel();
        unbounded.loop.pump();
        unbounded.pass(QueueParameters.ORPHAN_TIMEOUT);
        assertThat(unbounded.terminations).isEmpty();
        unbounded.pass(QueueParameters.ORPHAN_TIMEOUT.dividedBy(8));
        assertThat(unbounded.terminations).hasSize(1);
    }
}
