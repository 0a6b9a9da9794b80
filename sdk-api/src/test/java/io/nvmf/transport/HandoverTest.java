package io.nvmf.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Something that has to be closed has one owner at every moment. */
class HandoverTest {

    /** What has to be closed. */
    private static final class Thing {
        final AtomicInteger closed = new AtomicInteger();
    }

    private final AtomicReference<Handover<Thing>> handover = new AtomicReference<>();
    private final Thing thing = new Thing();
    private final List<Throwable> dropped = new ArrayList<>();
    private int cancelled;

    @AfterEach
    void nothingReachesTheApplicationsHooks() {
        Hooks.resetOnErrorDropped();
        assertThat(dropped).isEmpty();
    }

    private Mono<Thing> source() {
        Hooks.onErrorDropped(dropped::add);
        return Handover.create(
                started -> {
                    handover.set(started);
                    started.onCancel(() -> cancelled++);
                },
                unwanted -> unwanted.closed.incrementAndGet());
    }

    @Test
    void whatIsGivenIsTheSubscribers() {
        StepVerifier.create(source())
                .then(() -> handover.get().give(thing))
                .expectNext(thing)
                .verifyComplete();

        assertThat(thing.closed).hasValue(0);
        assertThat(cancelled).isZero();
    }

    @Test
    void itWaitsUntilItIsAskedFor() {
        StepVerifier.create(source(), 0)
                .then(() -> handover.get().give(thing))
                .thenRequest(1)
                .expectNext(thing)
                .verifyComplete();

        assertThat(thing.closed).hasValue(0);
    }

    @Test
    void whatWaitsIsClosedByACancel() {
        BaseSubscriber<Thing> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}
        };
        source().subscribe(subscriber);
        handover.get().give(thing);

        subscriber.cancel();

        assertThat(thing.closed).hasValue(1);
        assertThat(cancelled).isOne();
    }

    @Test
    void whatComesAfterACancelIsClosed() {
        source().subscribe().dispose();

        handover.get().give(thing);

        assertThat(thing.closed).hasValue(1);
        assertThat(cancelled).isOne();
    }

    @Test
    void aCancelThatCameFirstRunsTheActionAtOnce() {
        List<String> seen = new ArrayList<>();
        AtomicReference<Handover<Thing>> late = new AtomicReference<>();
        Handover.<Thing>create(late::set, unwanted -> {}).subscribe().dispose();

        late.get().onCancel(() -> seen.add("cancelled"));

        assertThat(seen).containsExactly("cancelled");
    }

    @Test
    void onlyTheFirstIsGiven() {
        Thing second = new Thing();
        source().subscribe();
        handover.get().give(thing);

        handover.get().give(second);
        handover.get().fail(new IllegalStateException("late"));

        assertThat(thing.closed).hasValue(0);
        assertThat(second.closed).hasValue(1);
    }

    @Test
    void aFailureEndsIt() {
        StepVerifier.create(source())
                .then(() -> handover.get().fail(new IllegalStateException("first")))
                .verifyErrorMessage("first");

        handover.get().give(thing);

        assertThat(thing.closed).hasValue(1);
    }

    @Test
    void aFailureThatNobodyWaitsForIsDroppedSilently() {
        source().subscribe().dispose();

        handover.get().fail(new IllegalStateException("late"));

        assertThat(dropped).isEmpty();
    }

    @Test
    void whatTheStartThrowsIsTheError() {
        StepVerifier.create(Handover.<Thing>create(
                        started -> {
                            throw new AssertionError("broken");
                        },
                        unwanted -> {}))
                .verifyErrorMessage("broken");
    }

    @Test
    void aBadRequestIsAnErrorAndClosesEverything() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        source().subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(-1);
            }

            @Override
            protected void hookOnError(Throwable error) {
                failure.set(error);
            }
        });

        assertThat(failure.get()).isInstanceOf(IllegalArgumentException.class);
        assertThat(handover).hasValue(null);
    }

    @Test
    void anOperatorThatHasWhatItWantsDoesNotCloseIt() {
        AtomicReference<Thing> taken = new AtomicReference<>();
        source().flux().next().subscribe(taken::set);
        handover.get().give(thing);
        source().flux().take(1).subscribe(taken::set);
        handover.get().give(thing);

        assertThat(taken).hasValue(thing);
        assertThat(thing.closed).hasValue(0);
    }

    @Test
    void behindAChangeOfThreadsACancelClosesNothingThatWasGiven() {
        for (int i = 0; i < 1000; i++) {
            CompletableFuture<Thing> taken =
                    source().flux().publishOn(Schedulers.parallel()).next().toFuture();
            Thing given = new Thing();
            handover.get().give(given);

            assertThat(taken.join()).isSameAs(given);
            assertThat(given.closed).hasValue(0);
        }
    }

    @Test
    void aSourceThatKnowsNoCancelIsRunToItsEnd() {
        AtomicReference<MonoSink<Thing>> sink = new AtomicReference<>();
        Mono<Thing> wrapped = Handover.of(Mono.create(sink::set), unwanted -> unwanted.closed.incrementAndGet());
        wrapped.subscribe().dispose();

        sink.get().success(thing);
        assertThat(thing.closed).hasValue(1);

        StepVerifier.create(wrapped)
                .then(() -> sink.get().success(thing))
                .expectNext(thing)
                .verifyComplete();
        assertThat(thing.closed).hasValue(1);
    }

    /** Ways to be told of something and to lose interest in it. */
    enum Interest {
        SUBSCRIBE {
            @Override
            Runnable in(Mono<Thing> source, Consumer<Thing> taken) {
                Disposable subscription = source.subscribe(taken);
                return subscription::dispose;
            }
        },
        TIMEOUT {
            @Override
            Runnable in(Mono<Thing> source, Consumer<Thing> taken) {
                AtomicReference<Runnable> passed = new AtomicReference<>();
                Mono<Object> time = Mono.create(sink -> passed.set(sink::success));
                source.timeout(time).subscribe(taken, timedOut -> {});
                return passed.get();
            }
        },
        FIRST {
            @Override
            Runnable in(Mono<Thing> source, Consumer<Thing> taken) {
                AtomicReference<Runnable> faster = new AtomicReference<>();
                Mono<Thing> other = Mono.create(sink -> faster.set(() -> sink.success(OTHER)));
                Mono.firstWithValue(source, other)
                        .filter(thing -> thing != OTHER)
                        .subscribe(taken);
                return faster.get();
            }
        };

        abstract Runnable in(Mono<Thing> source, Consumer<Thing> taken);
    }

    private static final Thing OTHER = new Thing();

    /** What goes on when the source is done, and is cancelled then. */
    enum GoingOn {
        FLAT_MAP_MANY {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.flatMapMany(thing -> {
                            taken.accept(thing);
                            return Flux.never();
                        })
                        .subscribe();
            }
        },
        FLAT_MAP {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.doOnNext(taken).flatMap(thing -> Mono.never()).subscribe();
            }
        },
        TIME_LIMIT {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.timeout(Mono.never())
                        .doOnNext(taken)
                        .flatMap(thing -> Mono.never())
                        .subscribe();
            }
        },
        FLUX {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.flux()
                        .doOnNext(taken)
                        .concatMap(thing -> Flux.never())
                        .subscribe();
            }
        },
        USING_WHEN {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return Mono.usingWhen(source.doOnNext(taken), thing -> Mono.never(), thing -> Mono.empty())
                        .subscribe();
            }
        },
        CACHE {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.cache()
                        .doOnNext(taken)
                        .flatMap(thing -> Mono.never())
                        .subscribe();
            }
        },
        ZIP {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return Mono.zip(source, Mono.just(OTHER))
                        .doOnNext(both -> taken.accept(both.getT1()))
                        .flatMap(both -> Mono.never())
                        .subscribe();
            }
        },
        FUTURE {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                CompletableFuture<Thing> future = source.doOnNext(taken).toFuture();
                return () -> future.cancel(true);
            }
        },
        LAMBDA {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                return source.subscribe(taken);
            }
        },
        OWN_SUBSCRIBER {
            @Override
            Disposable in(Mono<Thing> source, Consumer<Thing> taken) {
                AtomicReference<Subscription> kept = new AtomicReference<>();
                source.subscribe(new CoreSubscriber<>() {
                    @Override
                    public void onSubscribe(Subscription subscription) {
                        kept.set(subscription);
                        subscription.request(1);
                    }

                    @Override
                    public void onNext(Thing thing) {
                        taken.accept(thing);
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onComplete() {}
                });
                return () -> kept.get().cancel();
            }
        };

        abstract Disposable in(Mono<Thing> source, Consumer<Thing> taken);
    }

    @ParameterizedTest
    @EnumSource
    void whatHasArrivedIsNotClosedByACancelSoonAfterwards(GoingOn work) {
        AtomicReference<Thing> taken = new AtomicReference<>();
        Disposable subscription = work.in(source(), taken::set);
        Handover<Thing> giver = handover.get();
        CompletableFuture.runAsync(() -> giver.give(thing)).join();

        subscription.dispose();

        assertThat(taken).hasValue(thing);
        assertThat(thing.closed).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void givenAndGivenUpAtTheSameMomentItIsTakenOrClosed(Interest interest) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            CyclicBarrier start = new CyclicBarrier(2);
            for (int i = 0; i < 20_000; i++) {
                Thing given = new Thing();
                AtomicInteger taken = new AtomicInteger();
                Runnable giveUp = interest.in(source(), value -> taken.incrementAndGet());
                Handover<Thing> giver = handover.get();
                CompletableFuture<Void> giving = CompletableFuture.runAsync(
                        () -> {
                            await(start);
                            giver.give(given);
                        },
                        other);
                await(start);
                for (int spin = i % 50; spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                giveUp.run();
                giving.join();

                assertThat(taken.get() + given.closed.get()).as("try %s", i).isOne();
            }
        } finally {
            other.shutdown();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
