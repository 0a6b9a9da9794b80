package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/** Stores that break every rule: each command gets its status, its memory comes back, and the connection lives. */
class RogueStoreTest {

    /** A Mono that does what it likes. */
    private abstract static class Rogue<T> extends Mono<T> {

        @Override
        public void subscribe(CoreSubscriber<? super T> actual) {
            actual.onSubscribe(Operators.emptySubscription());
            signal(actual);
        }

        abstract void signal(CoreSubscriber<? super T> actual);
    }

    private interface Signals<T> {
        void signal(CoreSubscriber<? super T> actual);
    }

    private static <T> Supplier<@Nullable Mono<T>> rogue(Signals<T> signals) {
        return () -> new Rogue<>() {
            @Override
            void signal(CoreSubscriber<? super T> actual) {
                signals.signal(actual);
            }
        };
    }

    private static ByteBuf block() {
        return Unpooled.directBuffer(BLOCK).writeZero(BLOCK);
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // it never returns
    private static <T> T raise(Throwable failure) {
        return RogueStoreTest.<T, RuntimeException>sneak(failure);
    }

    // A store need not care what is checked.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T, E extends Throwable> T sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    private static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("on purpose"),
                new java.io.IOException("on purpose"),
                new NoClassDefFoundError("on purpose"),
                new StackOverflowError("on purpose"),
                new OutOfMemoryError("Cannot reserve direct buffer memory, on purpose"),
                new AssertionError("on purpose"));
    }

    /** Whatever works for all calls. */
    private static <T> Stream<Arguments> broken() {
        Stream<Arguments> thrown = failures()
                .flatMap(failure -> Stream.of(
                        Arguments.of("throws " + failure, (Supplier<@Nullable Mono<T>>) () -> raise(failure)),
                        Arguments.of("in place " + failure, (Supplier<@Nullable Mono<T>>)
                                () -> Mono.fromCallable(() -> raise(failure))),
                        Arguments.of("on subscription " + failure, (Supplier<@Nullable Mono<T>>)
                                () -> Mono.defer(() -> raise(failure))),
                        Arguments.of("signals " + failure, RogueStoreTest.<T>rogue(actual -> actual.onError(failure))),
                        Arguments.of(
                                "elsewhere " + failure,
                                RogueStoreTest.<T>rogue(
                                        actual -> Schedulers.parallel().schedule(() -> actual.onError(failure)))),
                        Arguments.of("twice " + failure, RogueStoreTest.<T>rogue(actual -> {
                            actual.onError(failure);
                            actual.onError(failure);
                            actual.onComplete();
                        }))));
        return Stream.concat(
                thrown,
                Stream.of(
                        Arguments.of("null", (Supplier<@Nullable Mono<T>>) () -> null),
                        Arguments.of("throws in subscribe", (Supplier<@Nullable Mono<T>>) () -> new Mono<>() {
                            @Override
                            public void subscribe(CoreSubscriber<? super T> actual) {
                                throw new NoClassDefFoundError("without onSubscribe");
                            }
                        }),
                        Arguments.of("throws after onSubscribe", RogueStoreTest.<T>rogue(actual -> {
                            throw new OutOfMemoryError("after onSubscribe");
                        }))));
    }

    private static Stream<Arguments> brokenReads() {
        return Stream.concat(
                RogueStoreTest.<ByteBuf>broken(),
                Stream.of(
                        Arguments.of("empty", (Supplier<@Nullable Mono<ByteBuf>>) Mono::empty),
                        Arguments.of("empty later", RogueStoreTest.<ByteBuf>rogue(CoreSubscriber::onComplete)),
                        Arguments.of(
                                "short", (Supplier<@Nullable Mono<ByteBuf>>) () -> Mono.just(block().writerIndex(7))),
                        Arguments.of("long", RogueStoreTest.<ByteBuf>rogue(actual -> {
                            actual.onNext(block().writeZero(1));
                            actual.onComplete();
                        })),
                        Arguments.of("released", (Supplier<@Nullable Mono<ByteBuf>>) () -> {
                            ByteBuf released = block();
                            released.release();
                            return Mono.just(released);
                        }),
                        Arguments.of("element and error", RogueStoreTest.<ByteBuf>rogue(actual -> {
                            actual.onNext(block());
                            actual.onError(new IllegalStateException("after the element"));
                        }))));
    }

    private static Stream<Arguments> brokenWrites() {
        return RogueStoreTest.<Void>broken();
    }

    /** Reads are as the test says until it says otherwise; so is everything else. */
    private static final class Store extends DelegatingBlockStore {

        private volatile @Nullable Supplier<@Nullable Mono<ByteBuf>> read;
        private volatile @Nullable Supplier<@Nullable Mono<Void>> other;

        Store() {
            super(BlockStore.memory(1 << 20, BLOCK));
        }

        @Override
        public Mono<ByteBuf> read(long offset, int length) {
            Supplier<@Nullable Mono<ByteBuf>> broken = read;
            return broken == null ? super.read(offset, length) : broken.get();
        }

        private Mono<Void> instead(Supplier<Mono<Void>> rightful) {
            Supplier<@Nullable Mono<Void>> broken = other;
            return broken == null ? rightful.get() : broken.get();
        }

        @Override
        public Mono<Void> write(long offset, ByteBuf data) {
            return instead(() -> super.write(offset, data));
        }

        @Override
        public Mono<Void> flush() {
            return instead(super::flush);
        }

        @Override
        public Mono<Void> writeZeroes(long offset, long length) {
            return instead(() -> super.writeZeroes(offset, length));
        }

        @Override
        public Mono<Void> deallocate(long offset, long length) {
            return instead(() -> super.deallocate(offset, length));
        }
    }

    private static void heldNothing(TargetFixture target) {
        await().untilAsserted(() -> assertThat(target.server.memory().held()).isZero());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenReads")
    void brokenReadIsAMediaError(String name, Supplier<@Nullable Mono<ByteBuf>> read) {
        Store store = new Store();
        try (TargetFixture target = TargetFixture.with(store)) {
            RawQueue io = target.io();
            store.read = read;
            io.refuse(RawCommand.read(0, 1, BLOCK), StatusCode.UNRECOVERED_READ_ERROR, false);
            store.read = null;

            io.succeed(RawCommand.read(0, 1, BLOCK));
            heldNothing(target);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenWrites")
    void whateverElseIsBrokenIsAWriteFault(String name, Supplier<@Nullable Mono<Void>> other) {
        Store store = new Store();
        byte[] range = new byte[16];
        range[4] = 1;
        try (TargetFixture target = TargetFixture.with(store)) {
            RawQueue io = target.io();
            store.other = other;
            List.of(
                            RawCommand.write(0, 1, new byte[BLOCK]),
                            RawCommand.write(0, 64, new byte[64 * BLOCK]),
                            RawCommand.opcode(NvmOpcode.FLUSH, 1),
                            RawCommand.opcode(NvmOpcode.FLUSH, 0xFFFF_FFFF),
                            RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 1, 0),
                            RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 1, ReadWriteCommand.FUA),
                            RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                                    .with(entry -> entry.cdw11(4))
                                    .sending(range))
                    .forEach(command -> io.refuse(command, StatusCode.WRITE_FAULT, false));
            store.other = null;

            io.succeed(RawCommand.write(0, 1, new byte[BLOCK]));
            heldNothing(target);
        }
    }

    @Test
    void secondElementIsReleasedAndTheFirstCounts() {
        Store store = new Store();
        store.read = rogue(actual -> {
            actual.onNext(block());
            actual.onNext(block());
            actual.onComplete();
            actual.onNext(block());
            actual.onComplete();
        });
        try (TargetFixture target = TargetFixture.with(store)) {
            RawQueue io = target.io();
            io.succeed(RawCommand.read(0, 1, BLOCK));
            io.succeed(RawCommand.read(0, 1, BLOCK));
            heldNothing(target);
        }
    }

    @Test
    void storeThatNeverSubscribesHoldsItsOwnCommandOnly() {
        Store store = new Store();
        List<CoreSubscriber<? super ByteBuf>> silent = new CopyOnWriteArrayList<>();
        store.read = () -> new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                silent.add(actual);
            }
        };
        try (TargetFixture target = TargetFixture.with(store)) {
            RawQueue io = target.io();
            int stuck = io.send(RawCommand.read(0, 1, BLOCK));
            await().until(() -> silent.size() == 1);
            store.read = null;
            io.succeed(RawCommand.read(0, 1, BLOCK));

            CoreSubscriber<? super ByteBuf> late = silent.get(0);
            late.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {
                    // The answer comes when it comes.
                }

                @Override
                public void cancel() {
                    // Nothing is cancelled.
                }
            });
            late.onNext(block());
            late.onComplete();
            assertThat(io.next().commandId()).isEqualTo(stuck);
            heldNothing(target);
        }
    }
}
