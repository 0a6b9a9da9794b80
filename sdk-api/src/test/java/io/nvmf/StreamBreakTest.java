package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.testing.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;

/** Sources and subscribers that throw or break the rules end their stream, and nothing and nobody else. */
class StreamBreakTest extends WriteStreamHarness {

    private final List<Throwable> dropped = new ArrayList<>();
    private final AtomicInteger cancels = new AtomicInteger();

    @BeforeEach
    void watchDroppedErrors() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void othersNoticeNothing() {
        Hooks.resetOnErrorDropped();
        fixture.controller.hold = false;
        fixture.answerAll();
        Recorder<TransferProgress> other = write(0, source(BLOCK), BY_BLOCK);
        assertThat(other.completes).isOne();
        assertNothingHeld();
    }

    static Stream<Throwable> throwables() {
        return Stream.of(
                new IllegalStateException("user"),
                new AssertionError("user"),
                new NoClassDefFoundError("user"),
                new StackOverflowError("user"),
                new OutOfMemoryError("user"),
                new ExceptionInInitializerError("user"),
                new UnknownError("broken machine"),
                new ThreadDeath());
    }

    private static <T extends Throwable> void sneaky(Throwable thrown) throws T {
        @SuppressWarnings("unchecked")
        T any = (T) thrown;
        throw any;
    }

    /** The loop of the test hands on what a real one logs. */
    private void tolerating(Throwable thrown, Runnable turns) {
        Throwable escaped = catchThrowable(turns::run);
        if (escaped != null) {
            assertThat(escaped).isSameAs(thrown);
        }
        fixture.pump();
    }

    /** A source whose subscription does what the test says. */
    private Publisher<ByteBuf> source(Consumer<Subscriber<? super ByteBuf>> request, Runnable cancel) {
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

    @ParameterizedTest
    @MethodSource("throwables")
    void operatorOfTheSourceThatThrows(Throwable thrown) {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = new Recorder<>(Long.MAX_VALUE);
        Flux<ByteBuf> source = source(BLOCK, 100, BLOCK).index().map(pair -> {
            if (pair.getT1() == 2) {
                pair.getT2().release();
                sneaky(thrown);
            }
            return pair.getT2();
        });
        fixture.namespace.writeStream(0, source, BY_BLOCK).subscribe(recorder);
        tolerating(thrown, fixture::pump);
        fixture.answerAll();
        assertThat(cause(recorder)).isSameAs(thrown);
        assertThat(report(recorder).bytesReceived()).isEqualTo(BLOCK + 100);
        recorder.cancel();
        fixture.pump();
        assertThat(recorder.errors).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void sourceWhoseRequestThrows(Throwable thrown) {
        Recorder<TransferProgress> recorder = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .writeStream(0, source(subscriber -> sneaky(thrown), () -> {}), BY_BLOCK)
                .subscribe(recorder);
        tolerating(thrown, fixture::pump);
        assertThat(cause(recorder)).isSameAs(thrown);
        assertThat(cancels).hasValue(1);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void sourceWhoseSubscribeThrows(Throwable thrown) {
        Recorder<TransferProgress> recorder = new Recorder<>(Long.MAX_VALUE);
        Flux<TransferProgress> stream =
                fixture.namespace.writeStream(0, (Publisher<ByteBuf>) subscriber -> sneaky(thrown), BY_BLOCK);
        tolerating(thrown, () -> stream.subscribe(recorder));
        assertThat(cause(recorder)).isSameAs(thrown);
    }

    @Test
    void sourceThatThrowsBehindItsOnSubscribe() {
        RuntimeException thrown = new IllegalStateException("late");
        Recorder<TransferProgress> recorder = write(
                0,
                subscriber -> {
                    source(s -> {}, () -> {}).subscribe(subscriber);
                    throw thrown;
                },
                BY_BLOCK);
        assertThat(cause(recorder)).isSameAs(thrown);
        assertThat(cancels).hasValue(1);
    }

    @Test
    void sourceWhoseCancelThrows() {
        RuntimeException thrown = new IllegalStateException("cancel");
        Recorder<TransferProgress> recorder =
                write(0, source(subscriber -> subscriber.onNext(fixture.data(100)), () -> sneaky(thrown)), BY_BLOCK);
        recorder.cancel();
        fixture.pump();
        assertThat(cancels).hasValue(1);
        assertThat(dropped).containsExactly(thrown);

        Recorder<TransferProgress> second = write(
                0,
                source(subscriber -> subscriber.onError(new IllegalStateException("e")), () -> sneaky(thrown)),
                BY_BLOCK);
        assertThat(second.errors).hasSize(1);
    }

    @Test
    void hookForDroppedErrorsThatThrows() {
        Hooks.onErrorDropped(error -> {
            throw new IllegalStateException(error);
        });
        Recorder<TransferProgress> recorder = write(
                0,
                source(subscriber -> {}, () -> {
                    throw new IllegalStateException("cancel");
                }),
                BY_BLOCK);
        fixture.cut();
        assertThat(recorder.errors).hasSize(1);
        use(NamespaceFixture.blocks(64));
    }

    @ParameterizedTest
    @EnumSource
    void sourceThatSignalsNull(Signal signal) {
        AtomicBoolean thrown = new AtomicBoolean();
        Recorder<TransferProgress> recorder = write(
                0,
                subscriber -> {
                    if (signal == Signal.SUBSCRIPTION) {
                        subscriber.onSubscribe(null);
                        return;
                    }
                    source(
                                    s -> thrown.set(
                                            catchThrowable(() -> {
                                                        if (signal == Signal.ELEMENT) {
                                                            s.onNext(null);
                                                        } else {
                                                            s.onError(null);
                                                        }
                                                    })
                                                    instanceof NullPointerException),
                                    () -> {})
                            .subscribe(subscriber);
                },
                BY_BLOCK);
        assertThat(cause(recorder)).isInstanceOf(NullPointerException.class);
        assertThat(thrown.get()).isEqualTo(signal != Signal.SUBSCRIPTION);
        assertThat(cancels).hasValue(signal == Signal.SUBSCRIPTION ? 0 : 1);
    }

    enum Signal {
        SUBSCRIPTION,
        ELEMENT,
        ERROR
    }

    @Test
    void sourceThatSignalsOnAfterItsEnd() {
        List<ByteBuf> late = new ArrayList<>();
        Recorder<TransferProgress> recorder = write(
                0,
                source(
                        subscriber -> {
                            subscriber.onNext(fixture.data(BLOCK));
                            subscriber.onComplete();
                            late.add(fixture.data(BLOCK));
                            subscriber.onNext(late.get(0));
                            subscriber.onError(new IllegalStateException("late"));
                            subscriber.onComplete();
                        },
                        () -> {}),
                BY_BLOCK);
        assertThat(recorder.completes).isOne();
        assertThat(late).allMatch(buffer -> buffer.refCnt() == 0);
    }

    @Test
    void sourceThatReleasesWhatItGaveAway() {
        List<ByteBuf> given = new ArrayList<>();
        Recorder<TransferProgress> recorder = write(
                0,
                source(
                        subscriber -> {
                            if (given.size() == 1) {
                                given.get(0).release();
                            }
                            given.add(fixture.data(700));
                            subscriber.onNext(given.get(given.size() - 1));
                        },
                        () -> {}),
                BY_BLOCK.chunkSize(8 * BLOCK));
        assertThat(recorder.errors).hasSize(1);
        assertThat(cancels).hasValue(1);
    }

    // Subscribers.

    @ParameterizedTest
    @MethodSource("throwables")
    void operatorBehindAReadStreamThatThrows(Throwable thrown) {
        fixture.controller.hold = true;
        Recorder<ByteBuf> recorder = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .readStream(0, 8 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .<ByteBuf>map(buffer -> {
                    buffer.release();
                    sneaky(thrown);
                    return buffer;
                })
                .subscribe(recorder);
        fixture.pump();
        tolerating(thrown, () -> fixture.answer(0));
        assertThat(recorder.errors).containsExactly(thrown);
        assertThat(fixture.aborted).hasSize(7);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void operatorBehindTheProgressThatThrows(Throwable thrown) {
        fixture.controller.hold = true;
        Recorder<TransferProgress> recorder = new Recorder<>(Long.MAX_VALUE);
        fixture.namespace
                .writeStream(
                        0, source(8 * BLOCK).concatWith(Flux.never()).doOnCancel(cancels::incrementAndGet), BY_BLOCK)
                .doOnNext(progress -> sneaky(thrown))
                .subscribe(recorder);
        fixture.pump();
        tolerating(thrown, () -> fixture.answer(0));
        assertThat(recorder.errors).hasSize(1);
        assertThat(recorder.errors.get(0) == thrown || recorder.errors.get(0).getCause() == thrown)
                .isTrue();
        assertThat(cancels).hasValue(1);
    }

    /** Where a subscriber of its own making throws. */
    enum At {
        ON_SUBSCRIBE,
        ON_NEXT,
        ON_ERROR,
        ON_COMPLETE
    }

    /** Keeps what it was told; an element is released at once. */
    private static <T> Subscriber<T> throwing(At at, List<At> seen) {
        return new CoreSubscriber<>() {
            private void signal(At here) {
                seen.add(here);
                if (here == at) {
                    throw new IllegalStateException(here.name());
                }
            }

            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
                signal(At.ON_SUBSCRIBE);
            }

            @Override
            public void onNext(T element) {
                ReferenceCountUtil.release(element);
                signal(At.ON_NEXT);
            }

            @Override
            public void onError(Throwable error) {
                signal(At.ON_ERROR);
            }

            @Override
            public void onComplete() {
                signal(At.ON_COMPLETE);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void subscriberOfAReadStreamThatThrows(At at) {
        List<At> seen = new ArrayList<>();
        fixture.controller.hold = true;
        fixture.namespace
                .readStream(0, 4 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .subscribe(throwing(at, seen));
        fixture.pump();
        if (at != At.ON_SUBSCRIBE) {
            fixture.answer(0);
        }
        if (at == At.ON_ERROR) {
            cutAndStartAnew();
        }
        fixture.answerAll();
        assertEndedOnce(at, seen);
    }

    @ParameterizedTest
    @EnumSource
    void subscriberOfAWriteStreamThatThrows(At at) {
        List<At> seen = new ArrayList<>();
        fixture.controller.hold = true;
        Flux<ByteBuf> source = at == At.ON_COMPLETE
                ? source(4 * BLOCK)
                : source(4 * BLOCK).concatWith(Flux.never()).doOnCancel(cancels::incrementAndGet);
        fixture.namespace.writeStream(0, source, BY_BLOCK).subscribe(throwing(at, seen));
        fixture.pump();
        if (at != At.ON_SUBSCRIBE) {
            fixture.answer(0);
        }
        if (at == At.ON_ERROR) {
            cutAndStartAnew();
        }
        fixture.answerAll();
        assertEndedOnce(at, seen);
        assertThat(cancels).hasValue(at == At.ON_COMPLETE || at == At.ON_SUBSCRIBE ? 0 : 1);
    }

    private void cutAndStartAnew() {
        fixture.cut();
        assertNothingHeld();
        use(NamespaceFixture.blocks(64));
    }

    private static void assertEndedOnce(At at, List<At> seen) {
        long ends = seen.stream()
                .filter(signal -> signal == At.ON_ERROR || signal == At.ON_COMPLETE)
                .count();
        assertThat(ends).isEqualTo(1);
        assertThat(seen.get(seen.size() - 1)).isEqualTo(at == At.ON_COMPLETE ? at : At.ON_ERROR);
    }

    @Test
    void requestFromInsideOnNextDoesNotGrowTheStack() {
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        BaseSubscriber<ByteBuf> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf buffer) {
                deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                buffer.release();
                request(1);
                depth.decrementAndGet();
            }
        };
        fixture.namespace
                .readStream(0, 64 * BLOCK, ReadStreamOptions.defaults().chunkSize(BLOCK))
                .subscribe(subscriber);
        fixture.pump();
        assertThat(subscriber.isDisposed()).isTrue();
        assertThat(deepest).hasValue(1);
    }
}
