package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.nvmf.spec.NvmOpcode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** The close of a target ends, whatever its stores do. */
class TargetCloseTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TargetOptions HASTY =
            TargetOptions.DEFAULTS.drainTimeout(Duration.ofMillis(50)).storeTimeout(Duration.ofMillis(200));

    /** Flush and close are the test's. */
    private static final class Store extends DelegatingBlockStore {

        private final Supplier<@Nullable Mono<Void>> flush;
        private final Supplier<@Nullable Mono<Void>> close;
        private volatile boolean closed;

        Store(Supplier<@Nullable Mono<Void>> flush, Supplier<@Nullable Mono<Void>> close) {
            super(BlockStore.memory(1 << 20, BLOCK));
            this.flush = flush;
            this.close = close;
        }

        @Override
        public Mono<Void> flush() {
            return flush.get();
        }

        @Override
        public Mono<Void> close() {
            closed = true;
            return close.get();
        }
    }

    private static TargetFixture start(BlockStore... stores) {
        return start(Schedulers.parallel(), stores);
    }

    private static TargetFixture start(Scheduler timer, BlockStore... stores) {
        SubsystemOptions spec = SubsystemOptions.of(SUBSYSTEM);
        for (int i = 0; i < stores.length; i++) {
            spec = spec.namespace(i + 1, stores[i]);
        }
        return TargetFixture.start(HASTY, timer, spec);
    }

    private static @Nullable Throwable close(TargetFixture target) {
        Throwable failure = catchThrowable(() -> target.server.close().block(PATIENCE));
        target.server.onClose().block(PATIENCE);
        return failure == null ? null : Exceptions.unwrap(failure);
    }

    private static Stream<RawCommand> stuck() {
        byte[] range = new byte[16];
        range[4] = 1;
        return Stream.of(
                RawCommand.read(0, 1, BLOCK),
                RawCommand.write(0, 1, new byte[BLOCK]),
                RawCommand.write(0, 64, new byte[64 * BLOCK]),
                RawCommand.opcode(NvmOpcode.FLUSH, 1),
                RawCommand.opcode(NvmOpcode.FLUSH, 0xFFFF_FFFF),
                RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 1, 0));
    }

    @ParameterizedTest
    @MethodSource("stuck")
    void storeThatNeverAnswersDelaysTheCloseForItsTimeOnly(RawCommand command) {
        ScriptedStore store = new ScriptedStore(1 << 20, BLOCK);
        TargetFixture target = start(store);
        RawQueue io = target.io();
        io.send(command);
        await().until(() -> store.calls.size() == 1);

        close(target);

        assertThat(store.closed).isTrue();
        io.termination();
        ScriptedStore.Call late = store.calls.get(0);
        if (late.what().equals("read")) {
            // Nobody wants it any more, and so it is released, which the leak detection sees.
            late.read(new byte[BLOCK]);
        } else {
            late.done();
        }
        await().until(() -> target.server.connections() == 0);
        assertThat(target.server.memory().held()).isZero();
    }

    private static Stream<Arguments> badFlushes() {
        return Stream.of(
                Arguments.of(supplier(() -> Mono.error(new IOException("no space"))), IOException.class),
                Arguments.of(
                        supplier(() -> {
                            throw new IllegalStateException("thrown");
                        }),
                        IllegalStateException.class),
                Arguments.of(
                        supplier(() -> {
                            throw new NoClassDefFoundError("thrown");
                        }),
                        NoClassDefFoundError.class),
                Arguments.of(
                        supplier(() -> Mono.fromRunnable(() -> {
                            throw new OutOfMemoryError("thrown");
                        })),
                        OutOfMemoryError.class),
                Arguments.of(supplier(() -> null), NullPointerException.class),
                Arguments.of(supplier(Mono::never), TimeoutException.class));
    }

    /** An error is the cause of an exception, because operators do not hand on every error. */
    private static void assertCause(@Nullable Throwable failure, Class<? extends Throwable> expected) {
        assertThat(failure).isNotNull();
        assertThat(Error.class.isAssignableFrom(expected) ? failure.getCause() : failure)
                .isInstanceOf(expected);
    }

    private static Supplier<@Nullable Mono<Void>> supplier(Supplier<@Nullable Mono<Void>> supplier) {
        return supplier;
    }

    @ParameterizedTest
    @MethodSource("badFlushes")
    void everyStoreIsClosedHoweverFlushesEnd(
            Supplier<@Nullable Mono<Void>> flush, Class<? extends Throwable> expected) {
        Store bad = new Store(flush, Mono::empty);
        Store good = new Store(Mono::empty, Mono::empty);
        TargetFixture target = start(bad, good);

        Throwable failure = close(target);

        assertCause(failure, expected);
        assertThat(bad.closed).isTrue();
        assertThat(good.closed).isTrue();
    }

    @ParameterizedTest
    @MethodSource("badFlushes")
    void closeOfAStoreMayFailInAnyWayToo(Supplier<@Nullable Mono<Void>> close, Class<? extends Throwable> expected) {
        Store bad = new Store(Mono::empty, close);
        Store good = new Store(Mono::empty, Mono::empty);
        TargetFixture target = start(bad, good);

        assertCause(close(target), expected);
        assertThat(good.closed).isTrue();
    }

    @Test
    void firstErrorIsKeptAndTheOthersAreSuppressed() {
        TargetFixture target = start(
                new Store(() -> Mono.error(new IOException("flush 1")), () -> Mono.error(new IOException("close 1"))),
                new Store(Mono::never, () -> Mono.error(new IOException("close 2"))));

        Throwable failure = close(target);

        assertThat(failure).hasMessage("flush 1");
        assertThat(failure.getSuppressed())
                .extracting(Throwable::getMessage)
                .contains("close 1", "close 2")
                .anySatisfy(message -> assertThat(message)
                        .contains("the flush of the store of NSID 2 of " + SUBSYSTEM)
                        .contains("PT0.2S"));
    }

    @Test
    void nobodyElsesCodeRunsOnTheThreadOfTheTimer() {
        Scheduler timer = Schedulers.newSingle("timer-of-the-test");
        ScriptedStore store = new ScriptedStore(1 << 20, BLOCK);
        TargetFixture target = start(timer, store);
        RawQueue io = target.io();
        io.send(RawCommand.read(0, 1, BLOCK));
        await().until(() -> store.calls.size() == 1);
        List<String> threads = new CopyOnWriteArrayList<>();
        Mono<Void> closed = target.server
                .close()
                .doOnTerminate(() -> threads.add(Thread.currentThread().getName()));
        target.server
                .onClose()
                .subscribe(
                        nothing -> {},
                        failure -> {},
                        () -> threads.add(Thread.currentThread().getName()));

        assertThat(catchThrowable(() -> closed.block(PATIENCE))).isNotNull();

        await().until(() -> threads.size() == 2);
        assertThat(threads).noneMatch(name -> name.startsWith("timer-of-the-test"));
        store.answerEverything();
        await().until(() -> target.server.connections() == 0);
        timer.dispose();
    }

    @Test
    void whatIsStuckIsNamed() {
        ScriptedStore store = new ScriptedStore(1 << 20, BLOCK) {
            @Override
            public String toString() {
                return "the slow store";
            }
        };
        TargetFixture target = start(store);
        RawQueue io = target.io();
        io.send(RawCommand.read(0, 1, BLOCK));
        await().until(() -> store.calls.size() == 1);
        List<String> stuck = new CopyOnWriteArrayList<>();

        target.server.queues().forEach(queue -> queue.execute(() -> stuck.addAll(queue.describeStuck())));

        await().untilAsserted(() -> assertThat(stuck)
                .singleElement()
                .asString()
                .matches("read of the slow store for queue 1 of \\[[a-z0-9]{6}] controller 1 of .*"));
        store.answerEverything();
        io.next();
        target.close();
    }
}
