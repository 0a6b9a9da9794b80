package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nobody hears that a read failed while the controller can still write into the caller's memory. */
class LateDataTest {

    private static final Duration LATE = TIMEOUT.plus(TIMEOUT.dividedBy(8));
    private static final int LENGTH = 16;

    private final QueueFixture fixture = new QueueFixture(1);
    private final ByteBuf destination = Unpooled.buffer(LENGTH, LENGTH);
    private final Command command = Command.opcode(2).nsid(1).receiveInto(destination, LENGTH);

    @AfterEach
    void allMemoryComesBack() {
        assertThat(fixture.memoryAfterEnd()).isZero();
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
    }

    private void timedOut(Probe probe) {
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.TIMEOUT, CommandOutcome.UNKNOWN))
                .isTrue();
        assertThat(destination.refCnt()).as("the memory is the caller's").isEqualTo(1);
    }

    @Test
    void whereLateDataIsThrownAwayTheFailureComesInTimeAndTheMemoryIsFree() {
        fixture.pair.discards = true;
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        timedOut(probe);
        assertThat(fixture.aborts).containsExactly(0);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(destination.getByte(0)).isZero();
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void elseTheFailureComesWithTheEndOfTheTransfer() {
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        assertThat(probe.silent()).isTrue();
        assertThat(fixture.aborts).as("the Abort does not wait").containsExactly(0);
        fixture.onLoop(() -> fixture.pair.transfer(0, 8));
        timedOut(probe);
        assertThat(destination.getByte(0)).isNotZero();
        fixture.onLoop(() -> fixture.pair.respond(0, Status.of(StatusCode.ABORT_REQUESTED)));
        assertThat(probe.errors).hasSize(1);
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void elseTheFailureComesWithTheEndOfTheQueuePair() {
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        assertThat(probe.silent()).isTrue();
        fixture.cut();
        timedOut(probe);
    }

    @Test
    void aCommandThatIsNotAnsweredEndsTheQueuePairAndThenFails() {
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        fixture.pass(LATE);
        timedOut(probe);
        assertThat(fixture.terminations).hasSize(1);
    }

    @Test
    void aCancelOfACommandWhoseFailureIsDueSilencesIt() {
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        probe.cancel();
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(probe.silent()).isTrue();
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void afterACancelLateDataIsThrownAwayWhereThatIsPossible() {
        fixture.pair.discards = true;
        fixture.execute(command).cancel();
        fixture.loop.pump();
        assertThat(destination.refCnt()).isEqualTo(1);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(destination.getByte(0)).isZero();
    }

    @Test
    void afterACancelTheMemoryIsHeldWhereItIsNot() {
        fixture.execute(command).cancel();
        fixture.loop.pump();
        assertThat(destination.refCnt()).isEqualTo(2);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(destination.refCnt()).isEqualTo(1);
    }

    @Test
    void memoryOfTheSdkIsFreeAtOnceWhereLateDataIsThrownAway() {
        fixture.pair.discards = true;
        Probe probe = fixture.execute(QueueFixture.read(LENGTH));
        fixture.pass(LATE);
        assertThat(probe.errors).hasSize(1);
        assertThat(fixture.pair.usedMemory()).isZero();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(fixture.terminations).isEmpty();
    }

    @Test
    void dataThatIsSentIsHeldUntilNobodyReadsIt() {
        fixture.pair.discards = true;
        ByteBuf data = QueueFixture.data(8);
        Probe probe = fixture.execute(QueueFixture.write(data));
        fixture.pass(LATE);
        assertThat(probe.errors).hasSize(1);
        assertThat(data.refCnt()).isEqualTo(1);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void aSecondAnswerEndsTheQueuePair() {
        fixture.pair.discards = true;
        Probe probe = fixture.execute(command);
        fixture.pass(LATE);
        timedOut(probe);
        fixture.onLoop(() -> fixture.pair.answer(0));
        fixture.onLoop(() -> fixture.pair.respond(0));
        fixture.loop.pump();
        assertThat(fixture.terminations).hasSize(1);
        assertThat(destination.getByte(0)).isZero();
    }
}
