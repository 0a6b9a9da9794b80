package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.data;
import static io.nvmf.host.queue.QueueFixture.named;
import static io.nvmf.host.queue.QueueFixture.read;
import static io.nvmf.host.queue.QueueFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Covers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

/** A stream of commands over one queue. */
class CommandStreamTest {

    private final QueueFixture fixture = new QueueFixture(4);
    private final List<Long> requests = new ArrayList<>();

    private Probe stream(Flux<Command> commands, long demand) {
        Probe probe = new Probe(demand);
        fixture.queue.execute(commands).subscribe(probe);
        fixture.loop.pump();
        return probe;
    }

    private Flux<Command> numbered(int count) {
        return Flux.range(1, count).map(QueueFixture::named).doOnRequest(requests::add);
    }

    @Test
    @Covers("A queue of n entries has at most n − 1 commands outstanding")
    void slotsBoundWhatIsOnTheWire() {
        Probe probe = stream(numbered(1000), Long.MAX_VALUE);
        assertThat(fixture.pair.outstanding()).hasSize(4);
        fixture.pair.autoAnswer = true;
        fixture.onLoop(() -> List.copyOf(fixture.pair.outstanding()).forEach(fixture.pair::answer));
        assertThat(probe.elements).hasSize(1000);
        assertThat(probe.completes).isEqualTo(1);
        assertThat(fixture.pair.peak).isEqualTo(4);
    }

    @Test
    void demandBoundsWhatIsOnTheWireAndWhatIsAskedOfUpstream() {
        Probe probe = stream(numbered(1000), 3);
        assertThat(fixture.pair.left).containsExactly(1, 2, 3);
        assertThat(requests).containsExactly(3L);
        fixture.onLoop(() -> fixture.pair.answer(1));
        assertThat(fixture.pair.left).hasSize(3);
        probe.request(1);
        fixture.loop.pump();
        assertThat(fixture.pair.left).containsExactly(1, 2, 3, 4);
        assertThat(requests).containsExactly(3L, 1L);
        fixture.onLoop(() -> List.copyOf(fixture.pair.outstanding()).forEach(fixture.pair::answer));
        assertThat(probe.elements).hasSize(4);
        assertThat(fixture.pair.peak).isEqualTo(3);
        probe.cancel();
        fixture.loop.pump();
        assertThat(fixture.aborts).isEmpty();
    }

    @Test
    void slotsTakenByOthersAreNotAskedOfUpstream() {
        for (int i = 0; i < 3; i++) {
            fixture.execute(named(100 + i));
        }
        stream(numbered(1000), Long.MAX_VALUE);
        assertThat(requests).containsExactly(1L);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(requests).containsExactly(1L, 1L);
        assertThat(fixture.pair.outstanding()).hasSize(4);
    }

    @Test
    void completionsComeInTheOrderOfCompletionWithTheirStatus() {
        Probe probe = stream(numbered(3), Long.MAX_VALUE);
        fixture.onLoop(() -> {
            fixture.pair.answer(2);
            fixture.pair.respond(0, Status.of(StatusCode.INVALID_FIELD));
            fixture.pair.answer(1);
        });
        assertThat(probe.names()).containsExactly(3, 1, 2);
        assertThat(probe.elements).extracting(Completion::isSuccess).containsExactly(true, false, true);
        assertThat(probe.completes).isEqualTo(1);
    }

    @Test
    void errorOfUpstreamComesAfterWhatIsOutstanding() {
        RuntimeException broken = new RuntimeException("source");
        Probe probe = stream(numbered(2).concatWith(Flux.error(broken)), Long.MAX_VALUE);
        assertThat(probe.silent()).isTrue();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(probe.errors).isEmpty();
        fixture.onLoop(() -> fixture.pair.answer(1));
        assertThat(probe.elements).hasSize(2);
        assertThat(probe.errors).containsExactly(broken);
        assertThat(probe.completes).isZero();
    }

    @Test
    void emptyUpstreamCompletesWithoutDemand() {
        assertThat(stream(Flux.empty(), 0).completes).isEqualTo(1);
    }

    @Test
    void cancelDropsTheUnsentAndLeavesTheSentAsOrphans() {
        List<ByteBuf> buffers = new ArrayList<>();
        Flux<Command> writes = Flux.range(0, 100).map(i -> {
            ByteBuf data = data(8);
            buffers.add(data);
            return write(data);
        });
        fixture.pair.holdBack = true;
        Probe probe = stream(writes, Long.MAX_VALUE);
        assertThat(buffers).hasSize(4);
        fixture.onLoop(() -> fixture.pair.flushUnsent());
        fixture.onLoop(() -> fixture.pair.answer(3));
        assertThat(buffers).hasSize(5);
        probe.cancel();
        fixture.loop.pump();
        assertThat(fixture.aborts).containsExactly(0, 1, 2);
        assertThat(buffers).extracting(ByteBuf::refCnt).containsExactly(1, 1, 1, 0, 0);
        fixture.onLoop(() -> List.copyOf(fixture.pair.outstanding()).forEach(fixture.pair::answer));
        assertThat(buffers).extracting(ByteBuf::refCnt).containsOnly(0);
        assertThat(probe.elements).hasSize(1);
        assertThat(probe.completes).isZero();
        assertThat(fixture.execute(named(1)).silent()).isTrue();
    }

    @Test
    void cancelReachesUpstreamAndLaterCommandsAreReleased() {
        TestPublisher<Command> source = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        Probe probe = stream(source.flux(), 2);
        source.assertMinRequested(2);
        probe.cancel();
        ByteBuf late = data(8);
        source.next(write(late));
        fixture.loop.pump();
        source.assertWasCancelled();
        assertThat(late.refCnt()).isZero();
        ByteBuf later = data(8);
        source.next(write(later));
        fixture.loop.pump();
        assertThat(later.refCnt()).isZero();
        assertThat(fixture.pair.left).isEmpty();
    }

    @Test
    void commandsHeldByOperatorsUpstreamAreReleasedByACancel() {
        List<ByteBuf> buffers = new ArrayList<>();
        Flux<Command> prefetched = Flux.range(0, 10)
                .map(i -> {
                    buffers.add(data(8));
                    return write(buffers.get(i));
                })
                .publishOn(Schedulers.immediate());
        Probe probe = stream(prefetched, 1);
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(buffers).hasSize(10);
        probe.cancel();
        fixture.loop.pump();
        assertThat(buffers).extracting(ByteBuf::refCnt).containsOnly(0);
    }

    @Test
    void completionThatIsInBeforeTheLoopHearsOfTheCancelIsReleased() {
        Probe probe = stream(Flux.just(read(64), read(64)), 2);
        fixture.loop.execute(() -> fixture.pair.answer(0));
        probe.cancel();
        fixture.loop.pump();
        assertThat(probe.silent()).isTrue();
        fixture.onLoop(() -> fixture.pair.answer(1));
        assertThat(fixture.pair.usedMemory()).isZero();
    }

    @Test
    void upstreamThatSendsMoreThanRequestedFails() {
        TestPublisher<Command> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        Probe probe = stream(source.flux(), 2);
        List<ByteBuf> buffers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            buffers.add(data(1));
            source.next(write(buffers.get(i)));
        }
        fixture.loop.pump();
        assertThat(TestFailure.kind(probe.error())).isEqualTo(TestFailure.Kind.PROTOCOL);
        source.assertWasCancelled();
        fixture.cut();
        assertThat(buffers).extracting(ByteBuf::refCnt).containsOnly(0);
    }

    @Test
    void upstreamThatSendsWithinTheBufferButBeyondDemandFails() {
        TestPublisher<Command> source = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        Probe probe = stream(source.flux(), 2);
        fixture.onLoop(() -> source.next(named(1), named(2), named(3)));
        assertThat(TestFailure.kind(probe.error())).isEqualTo(TestFailure.Kind.PROTOCOL);
        assertThat(fixture.pair.left).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void singleCommandsAreNotStarvedByStreams() {
        stream(numbered(100_000), Long.MAX_VALUE);
        stream(Flux.range(200_000, 100_000).map(QueueFixture::named), Long.MAX_VALUE);
        Probe single = fixture.execute(named(999_999));
        for (int i = 0; i < 4; i++) {
            int id = fixture.pair.outstanding().get(0);
            fixture.onLoop(() -> fixture.pair.answer(id));
        }
        assertThat(fixture.pair.left).contains(999_999);
        assertThat(single.silent()).isTrue();
    }

    @Test
    void streamsShareTheSlotsTurnByTurn() {
        Probe one = stream(numbered(100_000), Long.MAX_VALUE);
        Probe two = stream(Flux.range(200_000, 100_000).map(QueueFixture::named), Long.MAX_VALUE);
        for (int i = 0; i < 400; i++) {
            int id = fixture.pair.outstanding().get(0);
            fixture.onLoop(() -> fixture.pair.answer(id));
        }
        assertThat(one.elements.size()).isBetween(180, 220);
        assertThat(two.elements.size()).isBetween(180, 220);
        assertThat(fixture.pair.peak).isEqualTo(4);
    }

    @Test
    void idleStreamHoldsNoSlots() {
        stream(Flux.never(), Long.MAX_VALUE);
        stream(numbered(100), Long.MAX_VALUE);
        assertThat(fixture.pair.outstanding()).hasSize(4);
    }

    @Test
    void requestFromInsideOnNextDoesNotGrowTheStack() {
        fixture.pair.autoAnswer = true;
        int[] depth = new int[2];
        Probe probe = new Probe(1) {
            @Override
            protected void hookOnNext(Completion completion) {
                depth[0]++;
                depth[1] = Math.max(depth[1], depth[0]);
                request(1);
                depth[0]--;
            }
        };
        fixture.queue.execute(numbered(100_000)).subscribe(probe);
        fixture.loop.pump();
        assertThat(probe.completes).isEqualTo(1);
        assertThat(depth[1]).isEqualTo(1);
    }

    @Test
    void demandOfZeroIsAnError() {
        Probe probe = new Probe(0);
        Probe single = new Probe(0);
        List<Throwable> seen = new ArrayList<>();
        fixture.queue.execute(numbered(3)).subscribe(new CoreSubscriber<>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(0);
            }

            @Override
            public void onNext(Completion completion) {
                throw new AssertionError("nothing was requested");
            }

            @Override
            public void onError(Throwable error) {
                seen.add(error);
            }

            @Override
            public void onComplete() {
                throw new AssertionError("an error was due");
            }
        });
        fixture.loop.pump();
        assertThat(seen).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(probe.silent() && single.silent()).isTrue();
    }

    @Test
    void commandThatCannotBeSentFailsTheStream() {
        ByteBuf gone = data(8);
        Command unusable = write(gone);
        gone.release();
        Probe probe = stream(Flux.just(named(1), unusable, named(2)), Long.MAX_VALUE);
        assertThat(probe.error()).hasMessageContaining("released already");
        assertThat(fixture.aborts).isEmpty();
        fixture.onLoop(() -> {});
        assertThat(fixture.pair.outstanding()).isEmpty();
    }

    @Test
    void contextOfTheSubscriberReachesUpstream() {
        fixture.pair.autoAnswer = true;
        Flux<Command> commands = Flux.deferContextual(view -> Flux.just(named(view.get("name"))));
        StepVerifier.create(fixture.queue.execute(commands).contextWrite(Context.of("name", 42)))
                .then(fixture.loop::pump)
                .assertNext(
                        completion -> assertThat(completion.command().nsid()).isEqualTo(42))
                .verifyComplete();
    }

    @Test
    void connectionLossReturnsAllMemoryOfAStream() {
        Probe probe = stream(Flux.range(0, 100).map(i -> read(64)), Long.MAX_VALUE);
        fixture.onLoop(() -> fixture.pair.transfer(2));
        assertThat(fixture.memoryAfterEnd()).isZero();
        assertThat(probe.errors).hasSize(1);
    }

    @Test
    void drainingLetsWhatAStreamHasSentFinishAndRefusesTheRest() {
        AtomicBoolean drained = new AtomicBoolean();
        Probe probe = stream(numbered(1000), Long.MAX_VALUE);
        assertThat(fixture.pair.outstanding()).hasSize(4);

        fixture.queue.drain().subscribe(nothing -> {}, failure -> {}, () -> drained.set(true));
        fixture.loop.pump();
        for (int id : fixture.pair.outstanding()) {
            assertThat(drained).isFalse();
            fixture.onLoop(() -> fixture.pair.answer(id));
        }

        assertThat(probe.names()).containsExactlyInAnyOrder(1, 2, 3, 4);
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.CLOSED, "null"))
                .isTrue();
        assertThat(fixture.aborts).isEmpty();
        assertThat(drained).isTrue();
    }
}
