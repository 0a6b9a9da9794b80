package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.Discarded;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.testing.Recorder;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Signal;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.function.Tuples;

/**
 * Nothing leaks in operators, whether they fail, are cancelled or let elements fall: behind what the SDK emits with
 * {@link NvmeBuffers#releaseDiscarded()} at the end of the chain, in front of what the SDK takes without.
 */
class DiscardedBuffersTest extends WriteStreamHarness {

    private static final int ELEMENTS = 40;
    private static final Duration SHORT = Duration.ofMillis(1);

    /** What an operator may need of a test. */
    record Stage(Flux<Object> upstream, Scheduler loop, Scheduler time) {}

    /** Elements that come out are released by who gets them. */
    record Operator(String name, Function<Stage, Publisher<?>> chain) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** How the chain ends. */
    enum Ending {
        COMPLETED,
        CANCELLED,
        FAILED,
        LOST
    }

    private static Operator op(String name, Function<Stage, Publisher<?>> chain) {
        return new Operator(name, chain);
    }

    static Stream<Operator> operators() {
        return Stream.of(
                op("map", s -> s.upstream.map(x -> x)),
                op("filter", s -> s.upstream.filter(x -> false)),
                op("filterWhen", s -> s.upstream.filterWhen(x -> Mono.just(false))),
                op("skip", s -> s.upstream.skip(5)),
                op("skipUntil", s -> s.upstream.skipUntil(x -> false)),
                op("take", s -> s.upstream.take(2)),
                op("takeUntil", s -> s.upstream.takeUntil(x -> true)),
                op("limitRate", s -> s.upstream.limitRate(4)),
                op("publishOn", s -> s.upstream.publishOn(s.loop, 8)),
                op("publishOn+take", s -> s.upstream.publishOn(s.loop, 16).take(2)),
                op("flatMap", s -> s.upstream.flatMap(Mono::just, 4)),
                op("flatMapSequential", s -> s.upstream.flatMapSequential(Mono::just, 4)),
                op("flatMap, waiting", s -> s.upstream.flatMap(x -> consume(s, x), 2)),
                op("concatMap, waiting", s -> s.upstream.concatMap(x -> consume(s, x), 32)),
                op("concatMap", s -> s.upstream.concatMap(Mono::just)),
                op("switchMap", s -> s.upstream.switchMap(Mono::just)),
                op("timeout", s -> s.upstream.timeout(SHORT, s.time)),
                op(
                        "delayElements+timeout",
                        s -> s.upstream
                                .delayElements(SHORT.multipliedBy(5), s.time)
                                .timeout(SHORT, s.time)),
                op("zip", s -> s.upstream.zipWith(Flux.range(0, 3))),
                op("zip, other side slow", s -> s.upstream.zipWith(Flux.never())),
                op("buffer", s -> s.upstream.buffer(3)),
                op("buffer+publishOn", s -> s.upstream.buffer(3).publishOn(s.loop, 4)),
                op("bufferTimeout", s -> s.upstream.bufferTimeout(3, SHORT, s.time)),
                op("bufferUntil", s -> s.upstream.bufferUntil(x -> false)),
                op("collectList", s -> s.upstream.collectList()),
                op(
                        "collectList+timeout",
                        s -> s.upstream.concatWith(Flux.never()).collectList().timeout(SHORT, s.time)),
                op("then", s -> s.upstream.then()),
                op("ignoreElements", s -> s.upstream.ignoreElements()),
                op("single", s -> s.upstream.single().onErrorComplete(IndexOutOfBoundsException.class)),
                op("next", s -> s.upstream.next()),
                op("last", s -> s.upstream.last()),
                op("elementAt", s -> s.upstream.elementAt(3)),
                op("onBackpressureBuffer", s -> s.upstream.onBackpressureBuffer()),
                op("onBackpressureBuffer, full", s -> s.upstream.onBackpressureBuffer(4)),
                op("onBackpressureDrop", s -> s.upstream.onBackpressureDrop()),
                op("onBackpressureLatest", s -> s.upstream.onBackpressureLatest()),
                op("delayElements", s -> s.upstream.delayElements(SHORT, s.time)),
                op("sample", s -> s.upstream.sample(Flux.never())),
                op("distinct", s -> s.upstream.distinct(x -> 1)),
                op("distinctUntilChanged", s -> s.upstream.distinctUntilChanged(x -> 1)),
                op("materialize", s -> s.upstream.materialize().publishOn(s.loop, 4)),
                op("index", s -> s.upstream.index().publishOn(s.loop, 4)),
                op("window", s -> s.upstream.window(3).concatMap(w -> w)),
                op("window, later", s -> s.upstream.window(3).concatMap(w -> w.publishOn(s.loop, 2))),
                op("groupBy", s -> s.upstream.groupBy(Object::hashCode).flatMap(g -> g.next())),
                op("mergeWith", s -> s.upstream.mergeWith(Flux.never())),
                op(
                        "concatWith an error",
                        s -> s.upstream.publishOn(s.loop, 4).concatWith(Mono.error(new Exception("e")))),
                op("count", s -> s.upstream.count()),
                op(
                        "doOnNext that throws",
                        s -> s.upstream.publishOn(s.loop, 8).doOnNext(x -> {
                            Discarded.release(x);
                            throw new IllegalStateException("user");
                        })));
    }

    /** Owns the element whatever comes. */
    private static Mono<Object> consume(Stage stage, Object element) {
        return Mono.delay(SHORT, stage.time).then(Mono.empty()).doFinally(signal -> Discarded.release(element));
    }

    /** What emits. */
    enum Origin {
        READ_STREAM,
        COMMANDS
    }

    static Stream<Arguments> everything() {
        return Stream.of(Origin.values())
                .flatMap(origin -> operators()
                        .flatMap(operator ->
                                Stream.of(Ending.values()).map(ending -> Arguments.of(origin, operator, ending))));
    }

    private Flux<Object> from(Origin origin) {
        return switch (origin) {
            case READ_STREAM ->
                fixture.namespace
                        .readStream(
                                0,
                                ELEMENTS * BLOCK,
                                ReadStreamOptions.defaults().chunkSize(BLOCK))
                        .cast(Object.class);
            case COMMANDS ->
                fixture.queue
                        .execute(Flux.range(0, ELEMENTS)
                                .map(block -> Command.nvm(NvmOpcode.READ, 7)
                                        .range(block, 1)
                                        .receive(BLOCK)))
                        .cast(Object.class);
        };
    }

    private void run(Publisher<?> chain, Ending ending) {
        AtomicInteger count = new AtomicInteger();
        Recorder<Object> recorder = new Recorder<>(ending == Ending.COMPLETED ? Long.MAX_VALUE : 5);
        Flux.from(chain)
                .cast(Object.class)
                .handle((element, sink) -> {
                    if (ending == Ending.FAILED && count.incrementAndGet() == 3) {
                        Discarded.release(element);
                        sink.error(new IllegalStateException("user"));
                    } else {
                        sink.next(element);
                    }
                })
                .transform(NvmeBuffers.releaseDiscarded())
                .subscribe(recorder);
        settle();
        if (ending == Ending.LOST) {
            fixture.cut();
        }
        recorder.cancel();
        settle();
        recorder.elements.forEach(Discarded::release);
    }

    private void settle() {
        for (int i = 0; i < 100; i++) {
            fixture.pump();
            fixture.timer.advanceTimeBy(SHORT);
        }
        fixture.pump();
    }

    private Stage stage(Flux<Object> upstream) {
        return new Stage(upstream, Schedulers.fromExecutor(fixture.loop), fixture.timer);
    }

    /** What Reactor forgets by itself, kept as a test so that we hear of it when that changes. */
    static Stream<Arguments> forgetful() {
        return Stream.of(
                Arguments.of(op("takeWhile", s -> s.upstream.takeWhile(x -> false)), Ending.COMPLETED),
                Arguments.of(op("takeLast", s -> s.upstream.takeLast(3)), Ending.COMPLETED),
                Arguments.of(op("skipLast", s -> s.upstream.skipLast(5)), Ending.FAILED),
                Arguments.of(
                        op(
                                "parallel",
                                s -> s.upstream.parallel(2, 4).runOn(s.loop, 4).sequential(4)),
                        Ending.CANCELLED));
    }

    @ParameterizedTest
    @MethodSource("forgetful")
    void someOperatorsTellNoHook(Operator operator, Ending ending) {
        List<Object> emitted = new ArrayList<>();
        run(operator.chain.apply(stage(from(Origin.READ_STREAM).doOnNext(emitted::add))), ending);
        assertThat(fixture.controller.usedMemory()).isPositive();
        emitted.forEach(Discarded::release);
        assertNothingHeld();
    }

    @ParameterizedTest
    @MethodSource("everything")
    void nothingLeaksBehindTheSdk(Origin origin, Operator operator, Ending ending) {
        run(operator.chain.apply(stage(from(origin))), ending);
        assertNothingHeld();
    }

    static Stream<Arguments> everySource() {
        return operators()
                .flatMap(operator -> Stream.of(Ending.values()).map(ending -> Arguments.of(operator, ending)));
    }

    @ParameterizedTest
    @MethodSource("everySource")
    void nothingLeaksInTheSourceOfAWriteStream(Operator operator, Ending ending) {
        fixture.controller.hold = true;
        if (ending == Ending.FAILED) {
            fixture.controller.statusAt.put(1L, Status.of(StatusCode.INTERNAL_ERROR));
        }
        Flux<Object> buffers = Flux.range(0, ELEMENTS).map(i -> fixture.data(BLOCK));
        Flux<ByteBuf> source = Flux.from(operator.chain.apply(stage(buffers)))
                .cast(Object.class)
                .handle((element, sink) -> {
                    if (element instanceof ByteBuf buffer) {
                        sink.next(buffer);
                    } else {
                        Discarded.release(element);
                    }
                });
        Recorder<TransferProgress> recorder = write(0, source, BY_BLOCK);
        for (int i = 0; i < 2 && fixture.controller.outstanding() > 0; i++) {
            fixture.answer(0);
        }
        switch (ending) {
            case CANCELLED -> recorder.cancel();
            case LOST -> fixture.cut();
            default -> fixture.controller.hold = false;
        }
        fixture.onLoop(fixture.controller::answerAll);
        settle();
        recorder.cancel();
        settle();
        fixture.onLoop(fixture.controller::answerAll);
        assertNothingHeld();
    }

    @ParameterizedTest
    @MethodSource("everySource")
    void nothingLeaksInTheSourceOfCommands(Operator operator, Ending ending) {
        fixture.controller.hold = true;
        Flux<Object> commands = Flux.range(0, ELEMENTS)
                .map(block -> Command.nvm(NvmOpcode.WRITE, 7).range(block, 1).send(fixture.data(BLOCK)));
        Flux<Command> source = Flux.from(operator.chain.apply(stage(commands)))
                .cast(Object.class)
                .handle((element, sink) -> {
                    if (element instanceof Command command) {
                        sink.next(command);
                    } else {
                        Discarded.release(element);
                    }
                });
        Recorder<Completion> recorder = new Recorder<>(5);
        fixture.queue.execute(source).subscribe(recorder);
        settle();
        if (ending == Ending.LOST) {
            fixture.cut();
        } else if (ending == Ending.COMPLETED) {
            fixture.controller.hold = false;
            recorder.request(Long.MAX_VALUE);
        } else if (ending == Ending.FAILED) {
            recorder.request(0);
        }
        fixture.onLoop(fixture.controller::answerAll);
        settle();
        recorder.cancel();
        settle();
        fixture.onLoop(fixture.controller::answerAll);
        assertNothingHeld();
    }

    /** Single results that operators do not let through. */
    @Test
    void singleResultsAreReleased() {
        Mono<Completion> completion =
                fixture.queue.execute(Command.nvm(NvmOpcode.READ, 7).range(0, 1).receive(BLOCK));
        Stream.<Mono<?>>of(
                        fixture.namespace.read(0, 1).filter(x -> false),
                        fixture.namespace.read(0, 1).then(),
                        fixture.namespace.read(0, 1).zipWith(Mono.error(new IllegalStateException("other"))),
                        completion.filter(x -> false),
                        completion.then())
                .forEach(chain -> {
                    chain.<Object>map(x -> x)
                            .transform(NvmeBuffers.releaseDiscarded())
                            .onErrorComplete()
                            .subscribe();
                    settle();
                });
        assertNothingHeld();
    }

    @Test
    void hooksOfUsersComeFirstAndNothingIsReleasedTwice() {
        ByteBuf shared = fixture.data(BLOCK).retain();
        AtomicInteger seen = new AtomicInteger();
        Flux.just(shared)
                .filter(buffer -> false)
                .transform(NvmeBuffers.releaseDiscarded())
                .transform(NvmeBuffers.releaseDiscarded())
                .doOnDiscard(ByteBuf.class, buffer -> {
                    seen.incrementAndGet();
                    buffer.release();
                })
                .blockLast();
        assertThat(seen).hasValue(1);
        assertThat(shared.refCnt()).isOne();
        shared.release();
    }

    @Test
    void hooksAndContextOfTheSubscriberReachTheSource() {
        AtomicInteger seen = new AtomicInteger();
        Flux<ByteBuf> source = Flux.deferContextual(context -> source(BLOCK, BLOCK)
                .filter(buffer -> !context.<String>get("who").equals("me")));
        fixture.namespace
                .writeStream(0, source)
                .doOnDiscard(ByteBuf.class, buffer -> seen.incrementAndGet())
                .contextWrite(context -> context.put("who", "me"))
                .subscribe();
        fixture.pump();
        assertThat(seen).hasValue(2);
        assertNothingHeld();
    }

    @Test
    void containersAreReleasedWithWhatIsInThem() {
        List<ByteBuf> buffers = Stream.generate(() -> fixture.data(1)).limit(9).toList();
        Flux.<Object>just(
                        List.of(buffers.get(0), Set.of(buffers.get(1))),
                        new Object[] {buffers.get(2)},
                        Tuples.of("x", buffers.get(3)),
                        Map.of("x", buffers.get(4)),
                        Optional.of(buffers.get(5)),
                        Signal.next(buffers.get(6)),
                        new DefaultByteBufHolder(buffers.get(7)),
                        new Completion(Command.opcode(0).build(), ResponseCapsule.of(0, 0, 0, 0, 0), buffers.get(8), 1),
                        "nothing")
                .filter(x -> false)
                .transform(NvmeBuffers.releaseDiscarded())
                .blockLast();
        assertNothingHeld();
    }

    /** A scheduler that is at work for others keeps the task that would empty the queue from beginning. */
    private int leftAfterACancelBeforeTheTaskBegins(Function<Flux<ByteBuf>, Flux<ByteBuf>> publishOn) {
        Recorder<ByteBuf> recorder = new Recorder<>(5);
        ByteBuf buffer = fixture.data(BLOCK);
        Flux.just(buffer)
                .hide()
                .transform(publishOn)
                .transform(NvmeBuffers.releaseDiscarded())
                .subscribe(recorder);
        recorder.cancel();
        fixture.pump();
        int left = buffer.refCnt();
        Discarded.release(buffer);
        return left;
    }

    @Test
    void publishOnLeavesNothingBehindWhenItsTaskHasNotBegun() {
        Scheduler loop = Schedulers.fromExecutor(fixture.loop);
        assertThat(leftAfterACancelBeforeTheTaskBegins(NvmeBuffers.publishOn(loop, 8)))
                .isZero();
        assertNothingHeld();
    }

    /** What Reactor forgets, kept as a test so that we hear of it when that changes. */
    @Test
    void reactorsOwnPublishOnLeavesItsQueueBehind() {
        Scheduler loop = Schedulers.fromExecutor(fixture.loop);
        assertThat(leftAfterACancelBeforeTheTaskBegins(flux -> flux.publishOn(loop, 8)))
                .isOne();
    }

    @Test
    void workersOfPublishOnEndWithTheirChain() {
        AtomicInteger disposed = new AtomicInteger();
        Scheduler counting = new DelegatingScheduler(Schedulers.fromExecutor(fixture.loop), disposed);
        leftAfterACancelBeforeTheTaskBegins(NvmeBuffers.publishOn(counting, 8));
        assertThat(disposed).hasValue(1);
        Flux.just(1, 2).transform(NvmeBuffers.publishOn(counting, 8)).subscribe();
        fixture.pump();
        assertThat(disposed).hasValue(2);
    }

    private record DelegatingScheduler(Scheduler threads, AtomicInteger disposed) implements Scheduler {
        @Override
        public Disposable schedule(Runnable task) {
            return threads.schedule(task);
        }

        @Override
        public Worker createWorker() {
            Worker worker = threads.createWorker();
            return new Worker() {
                @Override
                public Disposable schedule(Runnable task) {
                    return worker.schedule(task);
                }

                @Override
                public void dispose() {
                    disposed.incrementAndGet();
                    worker.dispose();
                }
            };
        }
    }

    /** An element that comes when a timeout has passed is not discarded but dropped. */
    @Test
    void whatComesTooLateIsReleasedAndHooksOfUsersComeFirst() {
        List<Object> dropped = new ArrayList<>();
        ByteBuf late = fixture.data(BLOCK);
        Flux.<ByteBuf>from(actual -> {
                    actual.onSubscribe(Operators.emptySubscription());
                    settle();
                    actual.onNext(late);
                })
                .timeout(SHORT, fixture.timer)
                .transform(NvmeBuffers.releaseDiscarded())
                .contextWrite(context -> context.put("reactor.onNextDropped.local", (Consumer<Object>) dropped::add))
                .onErrorComplete()
                .subscribe();
        assertThat(dropped).hasSize(1);
        assertThat(late.refCnt()).isZero();
        assertNothingHeld();
    }
}
