package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.host.queue.TestFailure.Kind;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** What each command hears when the connection is lost, and what a queue does about answers to nothing. */
class HostQueueEndTest {

    private final QueueFixture fixture = new QueueFixture(1);
    private final List<ByteBuf> buffers = new ArrayList<>();

    private Probe write8() {
        ByteBuf data = data(8);
        buffers.add(data);
        return fixture.execute(write(data));
    }

    private void assertFailed(Probe probe, Kind kind, Object detail) {
        assertThat(probe.errors).hasSize(1);
        assertThat(TestFailure.is(probe.error(), kind, detail))
                .as(probe.error().toString())
                .isTrue();
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void sentCommandIsUnknownAndWaitingOneIsNotSent() {
        Probe sent = write8();
        Probe waiting = write8();
        fixture.cut();
        assertFailed(sent, Kind.TERMINATED, CommandOutcome.UNKNOWN);
        assertFailed(waiting, Kind.TERMINATED, CommandOutcome.NOT_SENT);
        assertThat(fixture.terminations).containsExactly(new Termination.PeerReset("cut"));
    }

    @Test
    void submittedButNotConvertedIsNotSent() {
        fixture.pair.holdBack = true;
        Probe probe = write8();
        fixture.cut();
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.NOT_SENT);
    }

    @Test
    void inTheInboxIsNotSent() {
        Probe probe = new Probe(1);
        ByteBuf data = data(8);
        buffers.add(data);
        fixture.loop.execute(() -> fixture.pair.end(new Termination.PeerReset("cut")));
        fixture.queue.execute(write(data)).subscribe(probe);
        fixture.loop.pump();
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.NOT_SENT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void halfDoneIsUnknown(boolean dataFirst) {
        Probe probe = write8();
        IntConsumer half = dataFirst ? fixture.pair::transfer : fixture.pair::respond;
        fixture.onLoop(() -> half.accept(0));
        fixture.cut();
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.UNKNOWN);
    }

    @Test
    void readMemoryComesBack() {
        Probe probe = fixture.execute(read(64));
        fixture.cut();
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.UNKNOWN);
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    void orphanMemoryComesBackSilently() {
        Probe probe = fixture.execute(read(64));
        probe.cancel();
        fixture.loop.pump();
        assertThat(fixture.memoryAfterEnd()).isZero();
        assertThat(probe.silent()).isTrue();
    }

    @Test
    void afterTheEndCommandsFailAsClosed() {
        fixture.cut();
        Probe probe = write8();
        assertFailed(probe, Kind.CLOSED, "PeerReset[detail=cut]");
        StepVerifier.create(fixture.queue.execute(Flux.just(named(1))).doOnSubscribe(s -> fixture.loop.pump()))
                .then(fixture.loop::pump)
                .expectErrorSatisfies(
                        error -> assertThat(TestFailure.kind(error)).isEqualTo(Kind.CLOSED))
                .verify();
    }

    @Test
    void streamHearsTheWorstThatIsKnown() {
        QueueFixture two = new QueueFixture(2);
        two.execute(named(1));
        Probe stream = new Probe(Long.MAX_VALUE);
        Sinks.Many<Integer> source = Sinks.many().unicast().onBackpressureBuffer();
        two.queue.execute(source.asFlux().map(QueueFixture::named)).subscribe(stream);
        source.tryEmitNext(2);
        two.loop.pump();
        two.pair.holdBack = true;
        two.onLoop(() -> two.pair.answer(0));
        source.tryEmitNext(3);
        two.loop.pump();
        two.cut();
        // Identifier 0 has not left, identifier 1 has.
        assertThat(two.pair.left).containsExactly(1, 2);
        assertThat(TestFailure.is(stream.error(), Kind.TERMINATED, CommandOutcome.UNKNOWN))
                .isTrue();
    }

    @Test
    void idleStreamHearsOfTheEnd() {
        Probe stream = new Probe(Long.MAX_VALUE);
        fixture.queue.execute(Flux.never()).subscribe(stream);
        fixture.loop.pump();
        fixture.cut();
        assertThat(TestFailure.is(stream.error(), Kind.TERMINATED, CommandOutcome.NOT_SENT))
                .isTrue();
    }

    @Test
    void closeFailsWhatIsOutstandingAndCompletes() {
        Probe sent = write8();
        StepVerifier.create(fixture.queue.close()).then(fixture.loop::pump).verifyComplete();
        assertFailed(sent, Kind.TERMINATED, CommandOutcome.UNKNOWN);
        assertThat(fixture.terminations).containsExactly(new Termination.Closed(Termination.Side.LOCAL));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 77, 0xFFFF})
    void responseToNothingClosesTheQueuePairAsAProtocolError(int commandId) {
        fixture.onLoop(() -> fixture.pair.respond(commandId));
        assertThat(fixture.pair.ended()).isTrue();
        assertThat(fixture.terminations)
                .singleElement()
                .isInstanceOfSatisfying(Termination.ProtocolError.class, error -> {
                    assertThat(error.detectedBy()).isEqualTo(Termination.Side.LOCAL);
                    assertThat(error.detail()).contains(Integer.toString(commandId));
                    assertThat(error.fatalErrorStatus()).isEqualTo(Termination.ProtocolError.NO_STATUS);
                });
    }

    @Test
    @Covers("A response with an identifier that is not outstanding ends the connection")
    void secondResponseWhileTheDataIsStillMovingClosesTheQueuePair() {
        Probe probe = write8();
        fixture.onLoop(() -> {
            fixture.pair.respond(0);
            fixture.pair.respond(0);
        });
        assertThat(fixture.terminations).singleElement().isInstanceOf(Termination.ProtocolError.class);
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.UNKNOWN);
    }

    @Test
    @Covers("A response with an identifier that is not outstanding ends the connection")
    void responseToACommandThatHasNotLeftClosesTheQueuePair() {
        fixture.pair.holdBack = true;
        Probe probe = write8();
        fixture.onLoop(() -> fixture.pair.respond(0));
        assertThat(fixture.terminations).singleElement().isInstanceOf(Termination.ProtocolError.class);
        assertFailed(probe, Kind.TERMINATED, CommandOutcome.NOT_SENT);
    }

    @Test
    void pendingLimitFailsTheExcessAndOnlyThat() {
        QueueFixture limited = new QueueFixture(1, 0, 2, 4);
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            probes.add(limited.execute(named(i)));
        }
        assertThat(probes.subList(0, 3)).allMatch(Probe::silent);
        assertThat(probes.subList(3, 5))
                .allSatisfy(probe -> assertThat(TestFailure.is(probe.error(), Kind.LIMIT, 2L))
                        .isTrue());
        for (int i = 0; i < 3; i++) {
            limited.onLoop(() -> limited.pair.answer(0));
        }
        assertThat(limited.pair.left).containsExactly(0, 1, 2);
    }

    @Test
    void fullInboxFailsTheSubscriberAtOnce() {
        QueueFixture limited = new QueueFixture(1, 0, 2, 4);
        for (int i = 0; i < 3; i++) {
            limited.queue.execute(named(i)).subscribe(new Probe(1));
        }
        ByteBuf data = data(8);
        Probe excess = new Probe(1);
        limited.queue.execute(write(data)).subscribe(excess);
        assertThat(TestFailure.is(excess.error(), Kind.LIMIT, 2L)).isTrue();
        assertThat(data.refCnt()).isZero();
        limited.loop.pump();
        assertThat(limited.pair.left).containsExactly(0);
    }

    @Test
    void subscriberThatThrowsDisturbsNobodyElse() {
        QueueFixture two = new QueueFixture(2);
        two.queue.execute(named(1)).subscribe(new Probe(1) {
            @Override
            protected void hookOnComplete() {
                throw new IllegalStateException("a bug of somebody else");
            }
        });
        Probe other = two.execute(named(2));
        two.onLoop(() -> {
            two.pair.answer(0);
            two.pair.answer(1);
        });
        assertThat(other.completes).isEqualTo(1);
        assertThat(two.terminations).isEmpty();
    }

    @Test
    void hostMadeStatusIsToldFromTheControllers() {
        assertThat(ResponseCapsule.successWithData(1).fromController()).isTrue();
        assertThat(ResponseCapsule.of(1, 4, 0, 0, 0).fromController()).isTrue();
    }
}
