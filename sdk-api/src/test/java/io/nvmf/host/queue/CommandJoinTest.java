package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import io.nvmf.testing.Recorder;
import io.nvmf.transport.ResponseCapsule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** A command is done when its response and the end of its transfer are both in. */
class CommandJoinTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                NoClassDefFoundError.class,
                StackOverflowError.class,
                OutOfMemoryError.class,
                AssertionError.class,
                IllegalStateException.class
            })
    void whatUserCodeThrowsEndsItsOwnCommandAndNobodyElses(Class<? extends Throwable> kind) throws Exception {
        QueueFixture one = new QueueFixture(1);
        Throwable thrown = kind.getConstructor().newInstance();
        Recorder<Object> broken = new Recorder<>(1);
        one.queue
                .execute(named(1))
                .map(done -> {
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) thrown;
                })
                .subscribe(broken);
        Probe waiting = one.execute(named(2));

        one.onLoop(() -> one.pair.answer(0));
        one.onLoop(() -> one.pair.answer(0));

        assertThat(broken.errors).singleElement().isSameAs(thrown);
        assertThat(waiting.completes).isEqualTo(1);
        assertThat(one.terminations).isEmpty();
    }

    private final QueueFixture fixture = new QueueFixture(4);

    @Test
    void nothingIsSentBeforeSubscriptionAndDemand() {
        Mono<Completion> cold = fixture.queue.execute(named(1));
        Probe probe = new Probe(0);
        cold.subscribe(probe);
        fixture.loop.pump();
        assertThat(fixture.pair.left).isEmpty();
        probe.request(1);
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1);
        cold.subscribe(new Probe(1));
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1, 1);
    }

    @Test
    @Covers("A command is done when both its response and the end of its data are in")
    void readCompletesOnlyAfterBothDataAndCqe() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> fixture.pair.transfer(0));
        assertThat(probe.silent()).isTrue();
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(probe.completes).isEqualTo(1);
        Completion completion = probe.elements.get(0);
        assertThat(completion.bytesTransferred()).isEqualTo(16);
        assertThat(completion.data().readableBytes()).isEqualTo(16);
        assertThat(completion.data().getByte(15)).isEqualTo((byte) 16);
        completion.release();
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    @Covers("A command is done when both its response and the end of its data are in")
    void readCompletesOnlyAfterBothCqeAndData() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(probe.silent()).isTrue();
        fixture.onLoop(() -> fixture.pair.transfer(0));
        assertThat(probe.completes).isEqualTo(1);
        probe.elements.get(0).release();
    }

    @Test
    void shortReadSaysHowMuchCame() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> {
            fixture.pair.transfer(0, 5);
            fixture.pair.respond(0);
        });
        Completion completion = probe.elements.get(0);
        assertThat(completion.bytesTransferred()).isEqualTo(5);
        assertThat(completion.data().readableBytes()).isEqualTo(5);
        completion.release();
    }

    @Test
    @Covers("A command is done when both its response and the end of its data are in")
    void writtenDataIsHeldUntilBothSignalsAreIn() {
        ByteBuf first = data(8);
        Probe probe = fixture.execute(write(first));
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(probe.silent()).isTrue();
        fixture.onLoop(() -> fixture.pair.transfer(0));
        assertThat(first.refCnt()).isZero();

        ByteBuf second = data(8);
        Probe other = fixture.execute(write(second));
        fixture.onLoop(() -> fixture.pair.transfer(0));
        assertThat(second.refCnt()).isEqualTo(1);
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(second.refCnt()).isZero();
        assertThat(other.elements.get(0).bytesTransferred()).isEqualTo(8);
        assertThat(probe.completes + other.completes).isEqualTo(2);
    }

    @Test
    void callersDestinationIsRetainedWhileInFlightAndItsWriterIndexStays() {
        ByteBuf destination = data(4).capacity(32);
        Probe probe = fixture.execute(Command.opcode(2).receiveInto(destination, 16));
        assertThat(destination.refCnt()).isEqualTo(2);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(probe.elements.get(0).data()).isNull();
        assertThat(probe.elements.get(0).bytesTransferred()).isEqualTo(16);
        assertThat(destination.refCnt()).isEqualTo(1);
        assertThat(destination.writerIndex()).isEqualTo(4);
        assertThat(destination.getByte(4)).isEqualTo((byte) 1);
        destination.release();
    }

    @Test
    void emptyDataIsReleasedAndWaitsForNoTransfer() {
        ByteBuf nothing = data(0).capacity(16);
        Probe probe = fixture.execute(write(nothing));
        assertThat(nothing.refCnt()).isZero();
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(probe.completes).isEqualTo(1);
    }

    @Test
    void errorStatusFailsTheMonoAndReleasesTheData() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> {
            fixture.pair.transfer(0, 3);
            fixture.pair.respond(0, Status.of(StatusCode.INVALID_FIELD));
        });
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.STATUS, true)).isTrue();
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    @Covers("A command whose data arrived damaged has 0/22h, made by the host")
    void damagedDataMakesATransientTransportErrorOfTheHost() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> {
            fixture.pair.damage(0);
            fixture.pair.respond(0);
        });
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.STATUS, false))
                .isTrue();
        assertThat(probe.error()).hasMessageContaining("0/22h");
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    void controllersOwnErrorStandsEvenWithDamagedData() {
        Probe probe = fixture.execute(read(16));
        fixture.onLoop(() -> {
            fixture.pair.damage(0);
            fixture.pair.respond(0, Status.of(StatusCode.INVALID_FIELD));
        });
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.STATUS, true)).isTrue();
    }

    @Test
    void secondSubscriptionToWrittenDataFailsUnsent() {
        Mono<Completion> once = fixture.queue.execute(write(data(8)));
        once.subscribe(new Probe(1));
        fixture.onLoop(() -> {});
        fixture.onLoop(() -> fixture.pair.answer(0));
        Probe second = new Probe(1);
        once.subscribe(second);
        fixture.loop.pump();
        assertThat(second.error()).hasMessageContaining("released already");
        assertThat(fixture.pair.left).hasSize(1);
        assertThat(fixture.execute(named(7)).silent()).isTrue();
    }

    @Test
    void destinationThatShrankFailsUnsent() {
        ByteBuf destination = data(0).capacity(16);
        Command command = Command.opcode(2).receiveInto(destination, 16);
        destination.writeZero(8);
        Probe probe = fixture.execute(command);
        assertThat(probe.error()).isInstanceOf(IllegalArgumentException.class);
        assertThat(destination.refCnt()).isEqualTo(1);
        destination.release();
    }

    @Test
    void transferBeyondTheTransportsLimitFailsUnsent() {
        fixture.pair.maxTransferSize = 8;
        ByteBuf data = data(9);
        Probe probe = fixture.execute(write(data));
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.LIMIT, 8L)).isTrue();
        assertThat(data.refCnt()).isZero();
        assertThat(fixture.pair.left).isEmpty();
    }

    @Test
    void requestSubmittedFromInsideItsOwnCompletionFindsTheFreedSlot() {
        QueueFixture one = new QueueFixture(1);
        List<ResponseCapsule> done = new ArrayList<>();
        Request again = new Request() {
            @Override
            protected Command command() {
                return named(done.size());
            }

            @Override
            protected void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
                done.add(response);
                if (done.size() < 3) {
                    one.queue.submit(this);
                }
            }

            @Override
            protected void failed(RuntimeException failure, CommandOutcome outcome) {
                throw failure;
            }
        };
        one.pair.autoAnswer = true;
        one.queue.submit(again);
        one.loop.pump();
        assertThat(one.pair.left).containsExactly(0, 1, 2);
        assertThat(done).hasSize(3);
    }

    @Test
    void submissionsOfOneTurnWakeTheLoopOnce() {
        int before = fixture.loop.executed();
        for (int i = 0; i < 4; i++) {
            fixture.queue.execute(named(i)).subscribe(new Probe(1));
        }
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(0, 1, 2, 3);
        // One task drains the inbox, one is the fake's flush.
        assertThat(fixture.loop.executed() - before).isEqualTo(2);
    }

    @Test
    void dataIsNotSentOrReleasedTwiceForASecondSubscription() {
        ByteBuf data = data(8);
        Mono<Completion> execution = fixture.queue.execute(write(data));
        Probe first = new Probe(1);
        Probe second = new Probe(1);
        execution.subscribe(first);
        fixture.loop.pump();

        execution.subscribe(second);
        fixture.loop.pump();

        assertThat(second.error()).isInstanceOf(IllegalStateException.class).hasMessageContaining("given away");
        assertThat(data.refCnt()).isEqualTo(1);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(first.completes).isEqualTo(1);
        assertThat(data.refCnt()).isZero();
    }

    @Test
    void anyNumberOfCommandsMayWait() {
        QueueFixture patient = new QueueFixture(2, 0, Integer.MAX_VALUE, 1);

        assertThat(patient.execute(named(1)).silent()).isTrue();

        patient.cut();
    }
}
