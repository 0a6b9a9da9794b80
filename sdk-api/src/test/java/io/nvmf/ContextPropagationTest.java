package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.context.ContextRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.command.Command;
import io.nvmf.file.FileSource;
import io.nvmf.namespace.IoOptions;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.recovery.ControllerState;
import io.nvmf.spec.GetLogPageCommand;
import io.nvmf.spec.LogPage;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.SmartHealthLog;
import io.nvmf.spec.TransportType;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.loop.LoopTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CorePublisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * What a user has put into Reactor's context, and with automatic propagation into thread-locals, is there wherever code
 * of the user runs because of this SDK: behind what it emits, and in the sources that it subscribes to.
 */
class ContextPropagationTest {

    private static final String NQN = "nqn.2024-01.io.nvmf:test";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BLOCK = 512;
    private static final int BLOCKS = 2048;
    private static final String KEY = "trace";
    private static final ThreadLocal<@Nullable String> TRACE = new ThreadLocal<>();

    private final TransportRegistry registry = TransportRegistry.empty().register(new LoopTransport());
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private BoundTarget target;
    private NvmeController controller;
    private NvmeNamespace namespace;

    @TempDir
    private Path directory;

    /** What emits something to users. */
    enum Emitter {
        CONNECT(test -> test.client().connect().flatMap(made -> made.close().thenReturn(1))),
        DISCOVER(test -> test.client().discover()),
        NAMESPACE(test -> test.controller.namespace(1)),
        NAMESPACES(test -> test.controller.namespaces()),
        LOG_PAGE(test ->
                released(test.controller.logPage(GetLogPageCommand.of(LogPage.SMART_HEALTH, SmartHealthLog.LENGTH)))),
        ERROR_LOG(test -> test.controller.errorLog()),
        SMART_HEALTH(test -> test.controller.smartHealth()),
        STATES(test -> test.controller.states().take(1)),
        STATES_TO_COME(test -> {
            Flux<ControllerState> later = test.controller.states().skip(1).take(1);
            return later.doOnSubscribe(subscribed -> Schedulers.parallel()
                    .schedule(() -> test.controller.reset().onErrorComplete().subscribe()));
        }),
        EVENTS(test -> test.controller
                .events()
                .take(1)
                .doOnSubscribe(subscribed -> Schedulers.parallel()
                        .schedule(() -> test.target
                                .subsystem(NQN)
                                .addNamespace(7, BlockStore.memory(1 << 20, BLOCK))
                                .subscribe()))),
        READ(test -> released(test.namespace.read(0, 8))),
        READ_WITH_A_LIMIT(test -> released(test.namespace.with(timeout()).read(0, 8))),
        READ_INTO(test -> {
            ByteBuf destination = Unpooled.buffer(BLOCK, BLOCK);
            return test.namespace.readInto(0, destination).doFinally(end -> destination.release());
        }),
        READ_OUT_OF_RANGE(test -> released(test.namespace.read(BLOCKS, 8)).onErrorComplete()),
        WRITE(test -> test.namespace.write(0, block())),
        FLUSH(test -> test.namespace.flush()),
        READ_STREAM(test -> released(test.namespace.readStream(0, (long) BLOCKS * BLOCK, small()))),
        WRITE_STREAM(test -> test.namespace.writeStream(0, Flux.range(0, 64).map(i -> block()), options())),
        WRITE_STREAM_THAT_FAILS(test -> test.namespace
                .writeStream(0, Mono.error(new IOException("broken")))
                .onErrorResume(failure -> Flux.empty())),
        COMMAND(test -> test.controller.ioQueues().get(0).execute(flushCommand())),
        COMMANDS(test ->
                test.controller.ioQueues().get(0).execute(Flux.range(0, 100).map(i -> flushCommand()))),
        ADMIN_COMMAND(test -> released(test.controller.logPage(GetLogPageCommand.of(LogPage.FIRMWARE_SLOT, 512)))),
        FILE(test -> released(FileSource.bytes(test.file()))),
        RESET(test -> test.controller.reset()),
        ON_CLOSE(test -> test.controller
                .onClose()
                .doOnSubscribe(subscribed -> Schedulers.parallel()
                        .schedule(() -> test.controller.close().subscribe()))),
        CLOSE(test -> test.controller.close()),
        BIND(test -> NvmeTarget.memory(NQN, 1 << 20, BLOCK)
                .transport(TransportType.LOOP)
                .registry(test.registry)
                .bind()
                .flatMap(bound -> bound.close().thenReturn(1))),
        ADD_NAMESPACE(test -> test.target.subsystem(NQN).addNamespace(5, BlockStore.memory(1 << 20, BLOCK))),
        DISCONNECT_ALL(test -> test.target.disconnectAll());

        @SuppressWarnings("ImmutableEnumChecker") // never changed
        private final Function<ContextPropagationTest, Publisher<?>> publisher;

        Emitter(Function<ContextPropagationTest, Publisher<?>> publisher) {
            this.publisher = publisher;
        }
    }

    /** What is handed to users without an operator of Reactor's around it. */
    enum Bare {
        READ(test -> test.namespace.read(0, 8)),
        WRITE(test -> test.namespace.write(0, block())),
        FLUSH(test -> test.namespace.flush()),
        READ_STREAM(test -> test.namespace.readStream(0, (long) BLOCKS * BLOCK, small())),
        WRITE_STREAM(test -> test.namespace.writeStream(0, Flux.range(0, 64).map(i -> block()), options())),
        FILE(test -> FileSource.bytes(test.file()));

        @SuppressWarnings("ImmutableEnumChecker") // never changed
        private final Function<ContextPropagationTest, CorePublisher<?>> publisher;

        Bare(Function<ContextPropagationTest, CorePublisher<?>> publisher) {
            this.publisher = publisher;
        }
    }

    /** What subscribes to a source of the user's. */
    enum Consumer {
        WRITE_STREAM {
            @Override
            Publisher<?> run(ContextPropagationTest test, Source source) {
                return test.namespace.writeStream(
                        0, source.of(test, ContextPropagationTest::block), WriteStreamOptions.defaults());
            }
        },
        WRITE_STREAM_IN_SMALL_CHUNKS {
            @Override
            Publisher<?> run(ContextPropagationTest test, Source source) {
                return test.namespace.writeStream(0, source.of(test, ContextPropagationTest::block), options());
            }
        },
        EXECUTE {
            @Override
            Publisher<?> run(ContextPropagationTest test, Source source) {
                return test.controller.ioQueues().get(0).execute(source.of(test, ContextPropagationTest::flushCommand));
            }
        };

        abstract Publisher<?> run(ContextPropagationTest test, Source source);
    }

    /** Kinds of sources, each with code of the user in it. */
    enum Source {
        FLUX {
            @Override
            <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element) {
                return test.watched(Flux.range(0, 200).map(i -> test.look("map", element)));
            }
        },
        MONO {
            @Override
            <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element) {
                return Mono.fromSupplier(() -> test.look("supplier", element))
                        .doOnRequest(n -> test.look("request"))
                        .doFinally(end -> test.look("end"));
            }
        },
        FOREIGN {
            @Override
            <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element) {
                Publisher<T> publisher = Flux.range(0, 200).map(i -> test.look("map", element));
                return subscriber -> publisher.subscribe(subscriber);
            }
        },
        OF_ANOTHER_THREAD {
            @Override
            <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element) {
                return test.watched(
                        Flux.range(0, 200).publishOn(Schedulers.parallel(), 4).map(i -> test.look("map", element)));
            }
        },
        FOREIGN_OF_ANOTHER_THREAD {
            @Override
            <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element) {
                Publisher<Integer> foreign = subscriber -> new ForeignThread(subscriber).start();
                return test.watched(Flux.from(foreign).map(i -> test.look("map", element)));
            }
        };

        abstract <T> Publisher<T> of(ContextPropagationTest test, Supplier<T> element);
    }

    /** Not Reactor's: one element for each request, each from a new thread. */
    private static final class ForeignThread implements Subscription {

        private final Subscriber<? super Integer> actual;
        private int left = 100;

        ForeignThread(Subscriber<? super Integer> actual) {
            this.actual = actual;
        }

        void start() {
            actual.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            new Thread(() -> {
                        for (long i = 0; i < n && left >= 0; i++) {
                            if (left-- > 0) {
                                actual.onNext(left);
                            } else {
                                actual.onComplete();
                            }
                        }
                    })
                    .start();
        }

        @Override
        public void cancel() {}
    }

    @BeforeAll
    static void propagate() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, TRACE);
        Hooks.enableAutomaticContextPropagation();
    }

    @AfterAll
    static void leaveNothingBehind() {
        Hooks.disableAutomaticContextPropagation();
        ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
    }

    @BeforeEach
    void connect() {
        target = NvmeTarget.memory(NQN, (long) BLOCKS * BLOCK, BLOCK)
                .transport(TransportType.LOOP)
                .registry(registry)
                .bind()
                .block(PATIENCE);
        controller = client().connect().block(PATIENCE);
        namespace = controller.namespace(1).block(PATIENCE);
    }

    @AfterEach
    void close() {
        controller.close().block(PATIENCE);
        target.close().block(PATIENCE);
        assertThat(TRACE.get()).as("left on this thread").isNull();
    }

    @ParameterizedTest
    @EnumSource
    void codeBehindWhatIsEmittedSeesThreadLocals(Emitter emitter) {
        Flux.from(emitter.publisher.apply(this))
                .doOnEach(signal -> look(String.valueOf(signal.getType())))
                .contextWrite(context -> context.put(KEY, "mine"))
                .blockLast(PATIENCE);

        assertThat(seen).isNotEmpty().allMatch(entry -> entry.endsWith(" mine"), "has the thread-local");
    }

    @ParameterizedTest
    @CsvSource({
        "WRITE_STREAM, FLUX",
        "WRITE_STREAM, MONO",
        "WRITE_STREAM, FOREIGN",
        "WRITE_STREAM, OF_ANOTHER_THREAD",
        "WRITE_STREAM, FOREIGN_OF_ANOTHER_THREAD",
        "WRITE_STREAM_IN_SMALL_CHUNKS, FLUX",
        "WRITE_STREAM_IN_SMALL_CHUNKS, FOREIGN_OF_ANOTHER_THREAD",
        "EXECUTE, FLUX",
        "EXECUTE, MONO",
        "EXECUTE, FOREIGN",
        "EXECUTE, OF_ANOTHER_THREAD",
        "EXECUTE, FOREIGN_OF_ANOTHER_THREAD"
    })
    void codeOfSourcesSeesThreadLocals(Consumer consumer, Source source) {
        Flux.from(consumer.run(this, source))
                .contextWrite(context -> context.put(KEY, "mine"))
                .blockLast(PATIENCE);

        assertThat(seen).isNotEmpty().allMatch(entry -> entry.endsWith(" mine"), "has the thread-local");
    }

    @ParameterizedTest
    @EnumSource
    void sourcesSeeTheContextOfTheSubscriber(Consumer consumer) {
        Queue<Object> contexts = new ConcurrentLinkedQueue<>();
        Publisher<?> run = consumer == Consumer.EXECUTE
                ? controller.ioQueues().get(0).execute(Mono.deferContextual(context -> {
                    contexts.add(context.get(KEY));
                    return Mono.just(flushCommand());
                }))
                : namespace.writeStream(
                        0,
                        Mono.deferContextual(context -> {
                            contexts.add(context.get(KEY));
                            return Mono.just(block());
                        }),
                        WriteStreamOptions.defaults());

        Flux.from(run).contextWrite(context -> context.put(KEY, "mine")).blockLast(PATIENCE);

        assertThat(contexts).containsExactly("mine");
    }

    @Test
    void aCancelReachesTheSourceWithThreadLocals() {
        Flux<ByteBuf> endless = Flux.<ByteBuf>generate(sink -> sink.next(block()))
                .doFinally(end -> look(end == SignalType.CANCEL ? "cancel" : "end"));

        namespace
                .writeStream(0, endless.take(BLOCKS - 1).concatWith(Flux.never()), options())
                .take(3)
                .contextWrite(context -> context.put(KEY, "mine"))
                .blockLast(PATIENCE);

        await().until(() -> !seen.isEmpty());
        assertThat(seen).allMatch(entry -> entry.endsWith(" mine"), "has the thread-local");
    }

    @Test
    void usersDoNotSeeEachOthersThreadLocals() {
        Flux<Void> users = Flux.range(0, 64)
                .flatMap(
                        user -> namespace
                                .read(user, 1)
                                .doOnNext(ByteBuf::release)
                                .doOnNext(data -> look(user + " of"))
                                .then(namespace
                                        .writeStream(
                                                (long) user * BLOCK,
                                                Flux.just(1).map(one -> {
                                                    look(user + " of");
                                                    return block();
                                                }))
                                        .then())
                                .contextWrite(context -> context.put(KEY, user + "")),
                        64);

        users.blockLast(PATIENCE);

        assertThat(seen).hasSize(128).allMatch(entry -> entry.matches("(\\d+) of \\1"), "is the user's own");
    }

    @Test
    void aUserWithoutContextSeesNothingOfOthers() {
        Flux<ByteBuf> first = released(namespace.readStream(0, (long) BLOCKS * BLOCK, small()))
                .contextWrite(context -> context.put(KEY, "another"));
        Flux<ByteBuf> second = released(namespace.readStream(0, (long) BLOCKS * BLOCK, small()))
                .doOnNext(data -> look("next"));

        Flux.merge(first.doOnNext(data -> {}), second).blockLast(PATIENCE);

        assertThat(seen).isNotEmpty().containsOnly("next null");
    }

    /** Such subscribers call the publisher itself, so Reactor has no occasion to put anything in between. */
    @ParameterizedTest
    @EnumSource
    void subscribersThatAreNotReactorsOwnSeeThreadLocals(Bare bare) {
        CorePublisher<?> publisher = bare.publisher.apply(this);
        CoreSubscriber<Object> subscriber = new BaseSubscriber<>() {
            @Override
            public Context currentContext() {
                return Context.of(KEY, "mine");
            }

            @Override
            protected void hookOnNext(Object element) {
                ReferenceCountUtil.release(element);
                look("next");
            }

            @Override
            protected void hookFinally(SignalType type) {
                look(type.name());
            }
        };

        publisher.subscribe(subscriber);

        await().untilAsserted(() -> assertThat(seen).anyMatch(entry -> entry.startsWith("ON_COMPLETE")));
        assertThat(seen).allMatch(entry -> entry.endsWith(" mine"), "has the thread-local");
    }

    @Test
    void storesSeeTheContextOfWhoOpensThemAndNothingOfHosts() {
        Queue<String> opened = new ConcurrentLinkedQueue<>();
        BlockStore store = new DelegatingBlockStore(BlockStore.memory((long) BLOCKS * BLOCK, BLOCK)) {
            @Override
            public Mono<Void> open() {
                return Mono.deferContextual(context -> {
                    opened.add(context.getOrDefault(KEY, "nothing") + " " + TRACE.get());
                    return super.open();
                });
            }

            @Override
            public Mono<ByteBuf> read(long offset, int length) {
                look("read");
                return super.read(offset, length)
                        .publishOn(Schedulers.parallel())
                        .doOnNext(data -> look("has read"));
            }
        };
        target.subsystem(NQN)
                .addNamespace(9, store)
                .contextWrite(context -> context.put(KEY, "mine"))
                .block(PATIENCE);

        Flux.range(0, 20)
                .concatMap(lba -> controller.namespace(9).flatMap(nine -> nine.read(lba, 1)))
                .doOnNext(ByteBuf::release)
                .contextWrite(context -> context.put(KEY, "mine"))
                .blockLast(PATIENCE);

        assertThat(opened).containsExactly("mine mine");
        assertThat(seen).isNotEmpty().allMatch(entry -> entry.endsWith("read null"), "has no thread-local");
    }

    private NvmeClient client() {
        return NvmeClient.create()
                .transport(TransportType.LOOP)
                .registry(registry)
                .remoteAddress(target.address())
                .subsystem(NQN);
    }

    private <T> Flux<T> watched(Flux<T> source) {
        return source.doOnSubscribe(subscription -> look("subscribe"))
                .doOnRequest(n -> look("request"))
                .doFinally(end -> look("end"));
    }

    private void look(String where) {
        seen.add(where + ' ' + TRACE.get());
    }

    private <T> T look(String where, Supplier<T> element) {
        look(where);
        return element.get();
    }

    private Path file() {
        try {
            return Files.write(directory.resolve("source"), new byte[600_000]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Flux<ByteBuf> released(Publisher<ByteBuf> data) {
        return Flux.from(data).map(buffer -> {
            buffer.release();
            return Unpooled.EMPTY_BUFFER;
        });
    }

    private static ByteBuf block() {
        return Unpooled.buffer(BLOCK, BLOCK).writeZero(BLOCK);
    }

    private static Command flushCommand() {
        return Command.nvm(NvmOpcode.FLUSH, 1).build();
    }

    private static IoOptions timeout() {
        return IoOptions.defaults().timeout(PATIENCE);
    }

    private static ReadStreamOptions small() {
        return ReadStreamOptions.defaults().chunkSize(BLOCK).window(4);
    }

    private static WriteStreamOptions options() {
        return WriteStreamOptions.defaults().chunkSize(BLOCK).window(4);
    }
}
