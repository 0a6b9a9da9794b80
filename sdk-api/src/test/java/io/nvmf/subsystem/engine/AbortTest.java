package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.spec.AbortCommand;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.testing.Covers;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.loop.LoopConnection;
import io.nvmf.transport.loop.LoopConnection.Direction;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What Abort does to the commands of an I/O queue, wherever it finds them. */
class AbortTest {

    private static final int PART = 128 * 1024;
    private static final int SIZE = 16 << 20;

    /** One part fills the memory of a connection. */
    private static final TargetOptions NARROW =
            TargetOptions.DEFAULTS.queueMemory(PART).workPerTurn(64 * 1024);

    /** Of stores that keep an event loop busy, where blocking is forbidden. */
    private final LongAdder spins = new LongAdder();

    private final EventExecutorGroup hosts = new DefaultEventExecutorGroup(1);
    private final ScriptedStore store = new ScriptedStore(SIZE, BLOCK);

    private void stop(TargetFixture target, EventExecutorGroup... groups) {
        store.answerEverything();
        target.close();
        for (EventExecutorGroup group : groups) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @AfterEach
    void stopHosts() {
        hosts.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static TargetFixture start(BlockStore blocks) {
        return TargetFixture.start(
                NARROW, Schedulers.parallel(), SubsystemOptions.of(SUBSYSTEM).namespace(1, blocks));
    }

    private TargetFixture start(BlockStore blocks, EventExecutorGroup controllers) {
        return TargetFixture.start(
                new LoopTransport(LoopTransportOptions.defaults().withExecutors(hosts, controllers)),
                NARROW,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, blocks));
    }

    private static RawCommand abort(int queueId, int commandId) {
        return RawCommand.of(entry -> new AbortCommand(queueId, commandId).encode(entry, 0));
    }

    private static boolean aborted(RawQueue admin, int commandId) {
        return AbortCommand.aborted(admin.succeed(abort(1, commandId)).dw0());
    }

    private static void expectAborted(RawQueue io, int commandId) {
        ResponseCapsule response = io.next();
        assertThat(response.commandId()).isEqualTo(commandId);
        assertThat(response.status()).isEqualTo(Status.of(StatusCode.ABORT_REQUESTED));
    }

    private static void expectSuccess(RawQueue io, int commandId) {
        ResponseCapsule response = io.next();
        assertThat(response.commandId()).isEqualTo(commandId);
        assertThat(response.status()).isEqualTo(Status.SUCCESS);
    }

    @Test
    @Covers("A command that waits is ended with 0/07h, one that a store is at work for is not aborted")
    void whatWaitsForMemoryIsAbortedAndWhatTheStoreIsAtWorkForIsNot() {
        TargetFixture target = start(store);
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        int atWork = io.send(RawCommand.read(0, PART / BLOCK, PART));
        await().until(() -> store.calls.size() == 1);
        int read = io.send(RawCommand.read(0, 1, BLOCK));
        int write = io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));
        int ranges = io.send(RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                .sending(new byte[16])
                .with(entry -> entry.cdw11(4)));

        assertThat(aborted(admin.queue(), write)).isTrue();
        expectAborted(io, write);
        assertThat(aborted(admin.queue(), read)).isTrue();
        expectAborted(io, read);
        assertThat(aborted(admin.queue(), ranges)).isTrue();
        expectAborted(io, ranges);
        assertThat(aborted(admin.queue(), ranges)).isFalse();
        assertThat(aborted(admin.queue(), atWork)).isFalse();
        assertThat(io.silent()).isTrue();

        store.last().read(new byte[PART]);
        expectSuccess(io, atWork);
        // Memory and identifiers are as they were: the next one of that size goes at once.
        int again = io.send(RawCommand.read(0, PART / BLOCK, PART).id(write));
        await().until(() -> store.calls.size() == 2);
        store.last().read(new byte[PART]);
        expectSuccess(io, again);
        assertThat(store.log()).containsExactly("read 0+131072", "read 0+131072");
        store.answerEverything();
        target.close();
        assertThat(target.server.memory().held()).isZero();
    }

    @Test
    @Covers("A command that waits is ended with 0/07h, one that a store is at work for is not aborted")
    void writeThatWaitsForDataIsAbortedAndItsDataGoesNowhere() {
        TargetFixture target = start(store);
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        LoopConnection connection = connection(target, io);
        connection.hold(Direction.TO_HOST);
        int write = io.send(RawCommand.write(0, PART / BLOCK, new byte[PART]));
        await().until(() -> target.server.memory().held() > 0);

        assertThat(aborted(admin.queue(), write)).isTrue();

        connection.release(Direction.TO_HOST);
        expectAborted(io, write);
        assertThat(store.calls).isEmpty();
        assertThat(target.server.memory().held()).isZero();
        store.answerEverything();
        target.close();
    }

    private static LoopConnection connection(TargetFixture target, RawQueue queue) {
        return target.transport.connections().stream()
                .filter(candidate -> candidate.host() == queue.queuePair())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void readThatWaitsForTheConnectionIsAborted() {
        TargetFixture target = TargetFixture.start(
                TargetOptions.DEFAULTS,
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, BlockStore.memory(SIZE, BLOCK)));
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        LoopConnection connection = connection(target, io);
        connection.hold(Direction.TO_HOST);
        // As much as the connection takes at a time, and more.
        int first = io.send(RawCommand.read(0, (1 << 20) / BLOCK, 1 << 20));
        int second = io.send(RawCommand.read(0, (1 << 20) / BLOCK, 1 << 20));
        await().until(() -> target.server.memory().held() == (1 << 20) + PART);

        assertThat(aborted(admin.queue(), second)).isTrue();

        await().until(() -> target.server.memory().held() <= 1 << 20);
        connection.release(Direction.TO_HOST);
        expectSuccess(io, first);
        expectAborted(io, second);
        store.answerEverything();
        target.close();
        assertThat(target.server.memory().held()).isZero();
    }

    @Test
    void writeThatIsPartlyAtTheStoreIsNotAborted() {
        TargetFixture target = start(store);
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        int write = io.send(RawCommand.write(0, 2 * PART / BLOCK, new byte[2 * PART]));
        await().until(() -> store.calls.size() == 1);

        assertThat(aborted(admin.queue(), write)).isFalse();

        store.last().done();
        await().until(() -> store.calls.size() == 2);
        store.last().done();
        expectSuccess(io, write);
        store.answerEverything();
        target.close();
    }

    @Test
    void writeZeroesIsAbortedBetweenTwoPieces() {
        AtomicInteger pieces = new AtomicInteger();
        AtomicInteger sent = new AtomicInteger();
        BlockStore slow = new DelegatingBlockStore(BlockStore.memory(SIZE, BLOCK)) {
            @Override
            public Mono<Void> writeZeroes(long offset, long length) {
                if (pieces.incrementAndGet() == 3) {
                    while (sent.get() == 0) {
                        spins.increment();
                    }
                }
                return super.writeZeroes(offset, length);
            }
        };
        // One event loop, so that the Abort comes to its turn behind the third piece.
        EventExecutorGroup loop = new DefaultEventExecutorGroup(1);
        TargetFixture target = start(slow, loop);
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        int zeroes = io.send(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 8192, 0));
        await().until(() -> pieces.get() == 3);
        int abort = admin.queue().send(abort(1, zeroes));
        sent.set(1);

        ResponseCapsule answer = admin.queue().next();

        assertThat(answer.commandId()).isEqualTo(abort);
        assertThat(AbortCommand.aborted(answer.dw0())).isTrue();
        expectAborted(io, zeroes);
        io.succeed(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        assertThat(pieces).hasValue(3);
        stop(target, loop);
    }

    @Test
    @Covers("One Abort more than ACL + 1 is refused with 1/03h")
    void oneAbortTooManyIsRefused() {
        AtomicInteger busy = new AtomicInteger();
        BlockStore slow = new DelegatingBlockStore(BlockStore.memory(SIZE, BLOCK)) {
            @Override
            public Mono<Void> flush() {
                busy.compareAndSet(0, 1);
                while (busy.get() == 1) {
                    spins.increment();
                }
                return super.flush();
            }
        };
        EventExecutorGroup loops = new DefaultEventExecutorGroup(2);
        TargetFixture target = start(slow, loops);
        TargetFixture.Admin admin = target.admin();
        RawQueue io = target.io(admin.controllerId(), 1, 0);
        int flush = io.send(RawCommand.opcode(NvmOpcode.FLUSH, 1));
        await().until(() -> busy.get() == 1);
        for (int i = 0; i < 4; i++) {
            admin.queue().send(abort(1, 77));
        }

        admin.queue().refuse(abort(1, 77), StatusCode.ABORT_COMMAND_LIMIT_EXCEEDED, false);

        busy.set(2);
        for (int i = 0; i < 4; i++) {
            assertThat(AbortCommand.aborted(admin.queue().next().dw0())).isFalse();
        }
        expectSuccess(io, flush);
        stop(target, loops);
    }
}
