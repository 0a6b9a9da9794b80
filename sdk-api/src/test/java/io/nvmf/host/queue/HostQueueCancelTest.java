package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Cancelling a single command at each step of its life. */
class HostQueueCancelTest {

    private final QueueFixture fixture = new QueueFixture(1);
    private final ByteBuf data = data(8);

    @Test
    void beforeDemandReleasesTheDataAndSendsNothing() {
        Probe probe = new Probe(0);
        fixture.queue.execute(write(data)).subscribe(probe);
        probe.cancel();
        fixture.loop.pump();
        assertThat(data.refCnt()).isZero();
        assertThat(fixture.pair.left).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inTheInboxReleasesTheDataAndSendsNothing(boolean fromTheLoop) {
        Probe probe = new Probe(1);
        if (fromTheLoop) {
            fixture.loop.execute(probe::cancel);
        }
        fixture.queue.execute(write(data)).subscribe(probe);
        if (!fromTheLoop) {
            probe.cancel();
        }
        fixture.loop.pump();
        assertThat(data.refCnt()).isZero();
        assertThat(fixture.pair.left).isEmpty();
        assertThat(fixture.aborts).isEmpty();
        assertThat(probe.silent()).isTrue();
    }

    @Test
    void waitingForASlotReleasesTheDataAndLeavesTheOthersInOrder() {
        fixture.execute(named(1));
        Probe second = fixture.execute(named(2));
        Probe cancelled = fixture.execute(write(data));
        Probe fourth = fixture.execute(named(4));
        cancelled.cancel();
        fixture.loop.pump();
        assertThat(data.refCnt()).isZero();
        for (int i = 0; i < 3; i++) {
            fixture.onLoop(() -> fixture.pair.answer(0));
        }
        assertThat(fixture.pair.left).containsExactly(1, 2, 4);
        assertThat(second.completes + fourth.completes).isEqualTo(2);
        assertThat(fixture.aborts).isEmpty();
    }

    @Test
    void notYetConvertedIsWithdrawnAndFreesTheSlot() {
        fixture.pair.holdBack = true;
        Probe probe = fixture.execute(write(data));
        Probe next = fixture.execute(named(2));
        probe.cancel();
        fixture.loop.pump();
        assertThat(data.refCnt()).isZero();
        fixture.onLoop(fixture.pair::flushUnsent);
        assertThat(fixture.pair.left).containsExactly(2);
        assertThat(fixture.aborts).isEmpty();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(next.completes).isEqualTo(1);
    }

    /** As a time limit does it: the loop is in the turn that frees the slot, and hears of the cancel too late. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void byAnotherThreadInTheTurnThatFreesTheSlotSendsNothing(boolean inTheInbox) {
        Probe waiting = new Probe(1);
        Probe first = new Probe(1) {
            @Override
            protected void hookOnComplete() {
                super.hookOnComplete();
                fixture.loop.elsewhere(waiting::cancel);
            }
        };
        fixture.queue.execute(named(1)).subscribe(first);
        fixture.loop.pump();
        fixture.queue.execute(write(data)).subscribe(waiting);
        if (!inTheInbox) {
            fixture.loop.pump();
        }
        fixture.loop.call(() -> fixture.pair.answer(0));
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1);
        assertThat(data.refCnt()).isZero();
        assertThat(waiting.silent()).isTrue();
        assertThat(fixture.execute(named(2)).silent()).isTrue();
        assertThat(fixture.pair.left).as("the slot is free").containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void byAnotherThreadBeforeTheConversionSendsNothingAndServesTheNext(int length) {
        fixture.pair.holdBack = true;
        Probe probe = fixture.execute(length == 0 ? named(1) : write(data));
        fixture.execute(named(2));
        fixture.loop.elsewhere(probe::cancel);
        fixture.loop.call(fixture.pair::flushUnsent);
        assertThat(fixture.pair.left)
                .as("before the loop has heard of the cancel")
                .containsExactly(2);
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(2);
        assertThat(data.refCnt()).isEqualTo(length == 0 ? 1 : 0);
        assertThat(fixture.aborts).isEmpty();
        fixture.onLoop(() -> fixture.pair.answer(0));
        Recorder<Void> drained = new Recorder<>(1);
        fixture.queue.drain().subscribe(drained);
        fixture.loop.pump();
        assertThat(drained.completes).as("the slot is free").isEqualTo(1);
        if (length == 0) {
            data.release();
        }
    }

    @Test
    void ofAStreamByAnotherThreadBeforeTheConversionSendsNothing() {
        QueueFixture four = new QueueFixture(4);
        four.pair.holdBack = true;
        Probe probe = new Probe(Long.MAX_VALUE);
        ByteBuf destination = Unpooled.buffer(16);
        four.queue
                .execute(Flux.just(write(data), Command.opcode(2).nsid(3).receiveInto(destination, 16), named(4)))
                .subscribe(probe);
        four.loop.pump();
        four.loop.elsewhere(probe::cancel);
        four.loop.call(four.pair::flushUnsent);
        four.loop.pump();
        assertThat(four.pair.left).isEmpty();
        assertThat(data.refCnt()).isZero();
        assertThat(destination.refCnt()).isEqualTo(1);
        assertThat(four.aborts).isEmpty();
        destination.release();
    }

    @Test
    @Covers("Not used again before the command has been answered, cancelled or not")
    void sentIsAbortedOnceAndKeepsBufferAndIdentifierUntilBothSignals() {
        QueueFixture two = new QueueFixture(2);
        Probe probe = two.execute(write(data));
        probe.cancel();
        probe.cancel();
        two.loop.pump();
        assertThat(two.aborts).containsExactly(0);
        assertThat(data.refCnt()).isEqualTo(1);
        Probe second = two.execute(named(2));
        Probe third = two.execute(named(3));
        assertThat(two.pair.outstanding()).containsExactly(0, 1);
        two.onLoop(() -> two.pair.respond(1));
        assertThat(two.pair.outstanding())
                .as("the orphan's identifier is not reused")
                .containsExactly(0, 1);
        two.onLoop(() -> two.pair.transfer(0));
        assertThat(data.refCnt()).isEqualTo(1);
        two.onLoop(() -> two.pair.respond(0));
        assertThat(data.refCnt()).isZero();
        two.onLoop(() -> two.pair.respond(1));
        assertThat(second.completes + third.completes).isEqualTo(2);
        assertThat(probe.silent()).isTrue();
        assertThat(two.terminations).isEmpty();
    }

    @Test
    void identifierIsNotUsedAgainBeforeItsAbortIsDone() {
        fixture.abortsAreSlow = true;
        fixture.execute(named(1)).cancel();
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        fixture.pass(QueueFixture.TIMEOUT.multipliedBy(3));
        assertThat(fixture.terminations)
                .as("the command is answered; the Abort has a deadline of its own")
                .isEmpty();
        Probe next = fixture.execute(named(2));
        fixture.pass(QueueFixture.TIMEOUT);
        assertThat(fixture.pair.left)
                .as("the Abort under way would hit the next command")
                .containsExactly(1);
        fixture.abortsUnderWay.forEach(Runnable::run);
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1, 2);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(next.completes).isEqualTo(1);
        data.release();
    }

    @Test
    void lossGivesTheBufferBackThoughTheAbortIsUnderWay() {
        fixture.abortsAreSlow = true;
        fixture.execute(write(data)).cancel();
        fixture.loop.pump();
        fixture.cut();
        assertThat(data.refCnt()).isZero();
        fixture.abortsUnderWay.forEach(Runnable::run);
        fixture.loop.pump();
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    @Test
    void afterTheResponseKeepsTheBufferUntilTheTransferEndsAndAbortsNothing() {
        Probe probe = fixture.execute(write(data));
        fixture.onLoop(() -> fixture.pair.respond(0));
        probe.cancel();
        fixture.loop.pump();
        assertThat(data.refCnt()).isEqualTo(1);
        assertThat(fixture.aborts).isEmpty();
        fixture.onLoop(() -> fixture.pair.transfer(0));
        assertThat(data.refCnt()).isZero();
        assertThat(probe.silent()).isTrue();
        data.touch();
    }

    @Test
    void afterTheDataKeepsTheBufferUntilTheResponse() {
        data.release();
        Probe probe = fixture.execute(read(64));
        fixture.onLoop(() -> fixture.pair.transfer(0));
        probe.cancel();
        fixture.loop.pump();
        assertThat(fixture.aborts).containsExactly(0);
        assertThat(fixture.pair.usedMemory()).isPositive();
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(fixture.pair.usedMemory()).isZero();
        assertThat(probe.silent()).isTrue();
    }

    @Test
    void ofAReadReleasesDataThatIsDoneBeforeTheLoopHearsOfTheCancel() {
        data.release();
        Probe probe = fixture.execute(read(64));
        fixture.loop.execute(() -> fixture.pair.answer(0));
        probe.cancel();
        fixture.loop.pump();
        assertThat(fixture.pair.usedMemory()).isZero();
        assertThat(fixture.aborts).isEmpty();
        assertThat(probe.silent()).isTrue();
    }

    @Test
    void afterTheEndDoesNothing() {
        Probe probe = fixture.execute(write(data));
        fixture.onLoop(() -> fixture.pair.answer(0));
        probe.cancel();
        fixture.loop.pump();
        assertThat(probe.completes).isEqualTo(1);
        assertThat(fixture.aborts).isEmpty();
        assertThat(fixture.execute(named(2)).silent()).isTrue();
    }

    @Test
    void destinationOfAnOrphanStaysRetained() {
        data.clear();
        Probe probe = fixture.execute(Command.opcode(2).receiveInto(data, 8));
        probe.cancel();
        fixture.loop.pump();
        data.release();
        assertThat(data.refCnt()).as("the peer may still write").isEqualTo(1);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void tooManyOrphansCloseTheQueuePair() {
        data.release();
        QueueFixture limited = new QueueFixture(4, 0, 16, 2);
        for (int i = 0; i < 3; i++) {
            assertThat(limited.terminations).isEmpty();
            limited.execute(named(i)).cancel();
            limited.loop.pump();
        }
        assertThat(limited.terminations).singleElement().isInstanceOf(Termination.IoFailure.class);
        assertThat(limited.pair.ended()).isTrue();
    }

    /** A request that one queue has failed may be with another one when the first is asked to cancel it. */
    @Test
    void aQueueLeavesRequestsOfAnotherQueueAlone() {
        data.release();
        class Moving extends Request {

            private int done;

            @Override
            protected Command command() {
                return named(5);
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
                done++;
            }

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {
                throw new AssertionError("neither of them fails", failure);
            }

            @Override
            protected void dropped() {
                throw new AssertionError("the other queue has it");
            }
        }
        QueueFixture other = new QueueFixture(1);
        Moving sent = new Moving();
        Moving waiting = new Moving();
        other.queue.submit(sent);
        other.queue.submit(waiting);
        other.loop.pump();
        for (Request request : new Request[] {sent, waiting}) {
            fixture.queue.cancel(request);
            fixture.queue.timeOut(request, QueueFixture.TIMEOUT);
        }
        fixture.loop.pump();
        assertThat(fixture.aborts).isEmpty();
        other.onLoop(() -> List.copyOf(other.pair.outstanding()).forEach(other.pair::answer));
        other.loop.pump();
        other.onLoop(() -> List.copyOf(other.pair.outstanding()).forEach(other.pair::answer));
        other.loop.pump();
        assertThat(sent.done).isEqualTo(1);
        assertThat(waiting.done).isEqualTo(1);
    }

    @Test
    void internalRequestIsDroppedOnlyWhenUnsent() {
        data.release();
        int[] dropped = new int[1];
        class Counting extends Request {
            @Override
            protected Command command() {
                return named(5);
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
                throw new AssertionError("cancelled");
            }

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {
                throw new AssertionError("cancelled");
            }

            @Override
            protected void dropped() {
                dropped[0]++;
            }
        }
        Request sent = new Counting();
        Request waiting = new Counting();
        fixture.queue.submit(sent);
        fixture.queue.submit(waiting);
        fixture.loop.pump();
        fixture.queue.cancel(waiting);
        fixture.queue.cancel(sent);
        fixture.loop.pump();
        assertThat(dropped[0]).isEqualTo(1);
        assertThat(fixture.aborts).containsExactly(0);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(fixture.pair.left).containsExactly(5);
    }
}
