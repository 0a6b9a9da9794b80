package io.nvmf.host.queue;

import static io.nvmf.host.queue.QueueFixture.named;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.QueueFixture.Probe;
import io.nvmf.transport.Termination;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;

/** Sources and subscribers of a stream of commands that throw or break the rules end their stream, and nothing else. */
class CommandStreamBreakTest {

    private final QueueFixture fixture = new QueueFixture(4);
    private final AtomicInteger cancels = new AtomicInteger();
    private final List<Throwable> dropped = new ArrayList<>();

    @BeforeEach
    void watchDroppedErrors() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void othersNoticeNothing() {
        Hooks.resetOnErrorDropped();
        if (fixture.terminations.isEmpty()) {
            for (int id : fixture.pair.outstanding()) {
                fixture.onLoop(() -> fixture.pair.answer(id));
            }
            Probe other = fixture.execute(named(99));
            fixture.onLoop(() -> fixture.pair.answer(fixture.pair.outstanding().get(0)));
            assertThat(other.names()).containsExactly(99);
        }
        assertThat(fixture.memoryAfterEnd()).isZero();
    }

    static Stream<Throwable> throwables() {
        return Stream.of(
                new IllegalStateException("user"),
                new AssertionError("user"),
                new NoClassDefFoundError("user"),
                new StackOverflowError("user"),
                new OutOfMemoryError("user"));
    }

    private static <T extends Throwable> void sneaky(Throwable thrown) throws T {
        @SuppressWarnings("unchecked")
        T any = (T) thrown;
        throw any;
    }

    private Publisher<Command> source(Consumer<Subscriber<? super Command>> request, Runnable cancel) {
        return subscriber -> subscriber.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                request.accept(subscriber);
            }

            @Override
            public void cancel() {
                cancels.incrementAndGet();
                cancel.run();
            }
        });
    }

    private Probe run(Publisher<Command> source) {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue.execute(source).subscribe(probe);
        fixture.loop.pump();
        return probe;
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void operatorOfTheSourceThatThrows(Throwable thrown) {
        Probe probe = run(Flux.range(1, 10).map(name -> {
            if (name == 3) {
                sneaky(thrown);
            }
            return named(name);
        }));
        for (int id : fixture.pair.outstanding()) {
            fixture.onLoop(() -> fixture.pair.answer(id));
        }
        assertThat(probe.errors).containsExactly(thrown);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void sourceWhoseRequestThrows(Throwable thrown) {
        Probe probe = run(source(subscriber -> sneaky(thrown), () -> {}));
        assertThat(probe.errors).containsExactly(thrown);
        assertThat(cancels).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void sourceWhoseSubscribeThrows(Throwable thrown) {
        Probe probe = run(subscriber -> sneaky(thrown));
        assertThat(probe.errors).containsExactly(thrown);
        assertThat(cancels).hasValue(0);
    }

    @Test
    void sourceWhoseCancelThrows() {
        Probe probe = run(source(subscriber -> {}, () -> {
            throw new IllegalStateException("cancel");
        }));
        probe.cancel();
        fixture.loop.pump();
        assertThat(cancels).hasValue(1);
        assertThat(dropped).singleElement().satisfies(error -> assertThat(error).hasMessage("cancel"));
    }

    @Test
    void sourceThatEmitsNull() {
        List<Throwable> thrown = new ArrayList<>();
        Probe probe = run(source(subscriber -> thrown.add(catchThrowable(() -> subscriber.onNext(null))), () -> {}));
        assertThat(thrown).singleElement().isInstanceOf(NullPointerException.class);
        assertThat(probe.errors).singleElement().isInstanceOf(NullPointerException.class);
        assertThat(cancels).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sourceWithoutOnSubscribeHearsOfNothingAndTheStreamOfTheEnd(boolean lost) {
        Probe probe = run(subscriber -> {});
        assertThat(probe.silent()).isTrue();
        if (lost) {
            fixture.cut();
        } else {
            fixture.queue.drain().subscribe();
            fixture.loop.pump();
        }
        assertThat(probe.errors).hasSize(1);
        fixture.cut();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Long.MAX_VALUE})
    void silentStreamHearsOfAnOrderlyCloseAtOnce(long demand) {
        Probe probe = new Probe(demand);
        fixture.queue
                .execute(Flux.<Command>never().doOnCancel(cancels::incrementAndGet))
                .subscribe(probe);
        fixture.loop.pump();
        fixture.queue.drain().subscribe();
        fixture.loop.pump();
        assertThat(TestFailure.is(probe.error(), TestFailure.Kind.CLOSED, "null"))
                .isTrue();
        assertThat(cancels).hasValue(1);
        fixture.cut();
    }

    @Test
    void streamThatWaitsForASlotHearsOfAnOrderlyCloseAtOnce() {
        for (int i = 0; i < 4; i++) {
            fixture.execute(named(i));
        }
        Probe probe = run(Flux.range(5, 10).map(QueueFixture::named));
        List<String> drained = new ArrayList<>();
        fixture.queue.drain().subscribe(nothing -> {}, failure -> {}, () -> drained.add("done"));
        fixture.loop.pump();
        assertThat(probe.errors).hasSize(1);
        for (int id : fixture.pair.outstanding()) {
            fixture.onLoop(() -> fixture.pair.answer(id));
        }
        assertThat(drained).hasSize(1);
        fixture.cut();
    }

    @Test
    void streamWhoseLastCommandsAreUnderWaySurvivesAnOrderlyClose() {
        Probe probe = run(Flux.range(1, 3).map(QueueFixture::named));
        fixture.queue.drain().subscribe();
        fixture.loop.pump();
        for (int id : fixture.pair.outstanding()) {
            fixture.onLoop(() -> fixture.pair.answer(id));
        }
        assertThat(probe.names()).containsExactly(1, 2, 3);
        assertThat(probe.completes).isOne();
        fixture.cut();
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void operatorBehindTheCompletionsThatThrows(Throwable thrown) {
        Probe probe = new Probe(Long.MAX_VALUE);
        fixture.queue
                .execute(Flux.range(1, 1000).map(QueueFixture::named).doOnCancel(cancels::incrementAndGet))
                .doOnNext(completion -> sneaky(thrown))
                .subscribe(probe);
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(probe.errors).containsExactly(thrown);
        assertThat(cancels).hasValue(1);
        assertThat(fixture.aborts).hasSize(3);
    }

    @Test
    void endFromInsideOnNextIsToldWhenOnNextHasReturned() {
        List<String> seen = new ArrayList<>();
        fixture.queue.execute(Flux.range(1, 1000).map(QueueFixture::named)).subscribe(new BaseSubscriber<Completion>() {
            @Override
            protected void hookOnNext(Completion completion) {
                seen.add("begin");
                fixture.pair.end(new Termination.PeerReset("from inside"));
                seen.add("end");
            }

            @Override
            protected void hookOnError(Throwable error) {
                seen.add("error");
            }
        });
        fixture.loop.pump();
        fixture.onLoop(() -> fixture.pair.answer(0));
        assertThat(seen).containsExactly("begin", "end", "error");
    }

    @Test
    void subscriberWhoseOnSubscribeThrowsHasCancelled() {
        AtomicInteger subscribed = new AtomicInteger();
        Throwable thrown = catchThrowable(() -> fixture.queue
                .execute(Flux.range(1, 9).map(QueueFixture::named).doOnSubscribe(s -> subscribed.incrementAndGet()))
                .subscribe(new BaseSubscriber<Completion>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        subscription.request(3);
                        throw new NoClassDefFoundError("user");
                    }
                }));
        fixture.loop.pump();
        assertThat(thrown == null || thrown instanceof NoClassDefFoundError).isTrue();
        assertThat(fixture.pair.outstanding()).isEmpty();
    }
}
