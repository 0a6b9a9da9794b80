package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.TIMEOUT;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** The time of a command begins with its submission, and runs while it waits for a slot. */
class WaitingDeadlineTest {

    private static final Duration TICK = TIMEOUT.dividedBy(8);

    private final QueueFixture fixture = new QueueFixture(1);

    @AfterEach
    void allMemoryComesBack() {
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    private static void timedOut(Probe probe, CommandOutcome outcome) {
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TIMEOUT, outcome))
                .isTrue();
    }

    /** Keeps the slot for ever: its owner has gone, and its Abort is never done. */
    private void slotIsLost() {
        fixture.abortsAreSlow = true;
        fixture.execute(named(1)).cancel();
        fixture.loop.pump();
    }

    @Test
    void aCommandThatGetsNoSlotFailsInTimeAsNotSentAndGivesItsDataBack() {
        slotIsLost();
        ByteBuf data = QueueFixture.data(8);
        ByteBuf destination = Unpooled.buffer(8);
        Probe write = fixture.execute(write(data));
        Probe read = fixture.execute(Command.opcode(2).nsid(1).receiveInto(destination, 8));
        fixture.pass(TIMEOUT);
        assertThat(write.silent()).isTrue();
        assertThat(read.silent()).isTrue();

        fixture.pass(TICK);
        timedOut(write, CommandOutcome.NOT_SENT);
        timedOut(read, CommandOutcome.NOT_SENT);
        assertThat(data.refCnt()).isZero();
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
        assertThat(fixture.pair.left).containsExactly(1);
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void onlyThoseFailWhoseTimeIsOver() {
        slotIsLost();
        Probe first = fixture.execute(named(2));
        fixture.pass(TICK);
        Probe second = fixture.execute(named(3));
        fixture.pass(TIMEOUT);
        timedOut(first, CommandOutcome.NOT_SENT);
        assertThat(second.silent()).isTrue();
        fixture.pass(TICK);
        timedOut(second, CommandOutcome.NOT_SENT);
    }

    @Test
    void theTimeThatACommandHasWaitedCountsWhenItHasItsSlot() {
        fixture.execute(named(1));
        Probe second = fixture.execute(named(2));
        fixture.pass(TICK.multipliedBy(5));
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(fixture.pair.left).containsExactly(1, 2);
        fixture.pass(TICK.multipliedBy(3));
        assertThat(second.silent()).isTrue();
        fixture.pass(TICK);
        timedOut(second, CommandOutcome.UNKNOWN);
    }

    @Test
    void aStreamThatWaitsHidesNobody() {
        slotIsLost();
        Probe stream = new Probe(1);
        fixture.queue.execute(Flux.just(named(2))).subscribe(stream);
        fixture.loop.pump();
        Probe single = fixture.execute(named(3));
        fixture.pass(TIMEOUT.plus(TICK));
        timedOut(single, CommandOutcome.NOT_SENT);
        stream.cancel();
        fixture.loop.pump();
    }

    @Test
    void theClockRunsForThoseThatOnlyWait() {
        slotIsLost();
        fixture.pass(TIMEOUT.multipliedBy(2));
        Probe late = fixture.execute(named(2));
        fixture.pass(TIMEOUT.plus(TICK));
        timedOut(late, CommandOutcome.NOT_SENT);
    }

    @Test
    void withoutATimeoutACommandWaitsForEver() {
        QueueFixture unbounded = new QueueFixture(1, 0, 1024, Integer.MAX_VALUE, Duration.ZERO);
        Probe holder = unbounded.execute(named(1));
        Probe waiting = unbounded.execute(named(2));
        unbounded.pass(QueueParameters.ORPHAN_TIMEOUT.multipliedBy(100));
        assertThat(holder.silent()).isTrue();
        assertThat(waiting.silent()).isTrue();
        unbounded.onLoop(() -> unbounded.pair.answer(0));
        unbounded.onLoop(() -> unbounded.pair.answer(0));
        assertThat(waiting.completes).isEqualTo(1);
    }

    @Test
    void whatACallBackSubmitsInItsPlaceWaitsAnew() {
        slotIsLost();
        Probe again = new Probe(1);
        fixture.queue
                .execute(named(2))
                .onErrorResume(failure -> fixture.queue.execute(named(3)))
                .subscribe(again);
        fixture.loop.pump();
        fixture.pass(TIMEOUT.plus(TICK));
        assertThat(again.silent()).isTrue();
        fixture.pass(TIMEOUT.plus(TICK));
        timedOut(again, CommandOutcome.NOT_SENT);
    }

    // ---- requests that are submitted again

    /** A request that says how much of its time it has used, and whether it failed. */
    private static final class Repeated extends Request {

        final int name;
        final HostQueue queue;
        final List<Object> ends = new ArrayList<>();
        int used = -1;

        Repeated(HostQueue queue, int name) {
            this.queue = queue;
            this.name = name;
        }

        @Override
        protected Command command() {
            return named(name);
        }

        @Override
        protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
            used = queue.usedTicks(this);
            ends.add(response);
        }

        @Override
        protected void failed(RuntimeException failure, CommandOutcome outcome) {
            used = queue.usedTicks(this);
            ends.add(outcome);
        }
    }

    private void submit(Repeated request, int usedTicks) {
        request.queue.submit(request, usedTicks);
        fixture.loop.pump();
    }

    @Test
    void aRequestThatIsSubmittedAgainHasTheRestOfItsTime() {
        QueueFixture other = new QueueFixture(1);
        Repeated first = new Repeated(other.queue, 1);
        other.queue.submit(first);
        other.loop.pump();
        other.pass(TICK.multipliedBy(5));
        other.cut();
        assertThat(first.ends).containsExactly(CommandOutcome.UNKNOWN);
        assertThat(first.used).isEqualTo(5);

        Repeated again = new Repeated(fixture.queue, 1);
        submit(again, first.used + fixture.queue.ticks(TICK));
        fixture.pass(TICK.multipliedBy(2));
        assertThat(again.ends).isEmpty();
        fixture.pass(TICK);
        assertThat(again.ends).containsExactly(CommandOutcome.UNKNOWN);
        assertThat(again.used).isEqualTo(9);
    }

    @Test
    void usedTimeIsKnownWhateverBecameOfTheRequest() {
        Repeated answered = new Repeated(fixture.queue, 1);
        submit(answered, 3);
        Repeated waiting = new Repeated(fixture.queue, 2);
        submit(waiting, 2);
        fixture.pass(TICK);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(answered.used).isEqualTo(4);
        Repeated last = new Repeated(fixture.queue, 3);
        submit(last, 1);
        fixture.cut();
        assertThat(waiting.used).isEqualTo(3);
        assertThat(last.used).isEqualTo(1);
        Repeated late = new Repeated(fixture.queue, 4);
        submit(late, 7);
        assertThat(late.ends).containsExactly(CommandOutcome.NOT_SENT);
        assertThat(late.used).isEqualTo(7);
    }

    @Test
    void aRequestWithoutTimeLeftIsNotSent() {
        Repeated late = new Repeated(fixture.queue, 1);
        submit(late, fixture.queue.ticks(TIMEOUT.multipliedBy(100)));
        assertThat(late.ends).containsExactly(CommandOutcome.NOT_SENT);
        assertThat(fixture.pair.left).isEmpty();
    }

    @Test
    void whoHasWaitedForLongerElsewhereComesFirst() {
        fixture.execute(named(1));
        Repeated young = new Repeated(fixture.queue, 2);
        submit(young, 0);
        Repeated old = new Repeated(fixture.queue, 3);
        submit(old, 4);
        Repeated older = new Repeated(fixture.queue, 4);
        submit(older, 5);
        Repeated asOld = new Repeated(fixture.queue, 5);
        submit(asOld, 4);
        for (int i = 0; i < 5; i++) {
            fixture.onLoop(() -> fixture.pair.answer(0));
        }
        assertThat(fixture.pair.left).containsExactly(1, 4, 3, 5, 2);
    }
}
