package io.nvmf.subsystem.engine;

import static io.nvmf.subsystem.engine.TargetFixture.BLOCK;
import static io.nvmf.subsystem.engine.TargetFixture.SUBSYSTEM;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.Property;
import io.nvmf.spec.StatusCode;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.loop.LoopTransport;
import io.nvmf.transport.loop.LoopTransportOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** How much one command makes an event loop do before others get their turn. */
class WorkPerTurnTest {

    private static final int PIECE = 64 * 1024;
    private static final long TIB = 1L << 40;
    private static final int SHUTDOWN = 1 << 14;
    private static final int SHUTDOWN_STATUS = 3 << 2;
    private static final int SHUTDOWN_COMPLETE = 2 << 2;

    /** A store of a tebibyte that answers in place and keeps a list of what it was asked. */
    private static final class Store extends DelegatingBlockStore {

        private final List<String> calls = new CopyOnWriteArrayList<>();
        private final List<Long> lengths = new CopyOnWriteArrayList<>();

        Store(long size) {
            super(BlockStore.nullBlocks(size, BLOCK));
        }

        @Override
        public Mono<Void> writeZeroes(long offset, long length) {
            return called("zero", offset, length);
        }

        @Override
        public Mono<Void> deallocate(long offset, long length) {
            return called("deallocate", offset, length);
        }

        private Mono<Void> called(String what, long offset, long length) {
            return Mono.fromRunnable(() -> {
                calls.add(what + ' ' + offset + '+' + length);
                lengths.add(length);
            });
        }
    }

    private static TargetFixture start(BlockStore store, UnaryOperator<TargetOptions> options) {
        return TargetFixture.start(
                options.apply(TargetOptions.DEFAULTS),
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, store));
    }

    private static RawCommand deallocate(long... slbaAndBlocks) {
        ByteBuffer list = ByteBuffer.allocate(slbaAndBlocks.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < slbaAndBlocks.length; i += 2) {
            list.putInt(0).putInt((int) slbaAndBlocks[i + 1]).putLong(slbaAndBlocks[i]);
        }
        int ranges = slbaAndBlocks.length / 2;
        return RawCommand.opcode(NvmOpcode.DATASET_MANAGEMENT, 1)
                .with(entry -> entry.cdw10(ranges - 1).cdw11(4))
                .sending(list.array());
    }

    @Test
    void zeroesAreWrittenInPieces() {
        Store store = new Store(1 << 30);
        try (TargetFixture target = start(store, options -> options.workPerTurn(PIECE))) {
            target.io().succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 1, 300, 0));
        }
        assertThat(store.calls).containsExactly("zero 512+65536", "zero 66048+65536", "zero 131584+22528");
    }

    @Test
    void rangesThatOverlapOrTouchAreDeallocatedOnce() {
        Store store = new Store(1 << 30);
        try (TargetFixture target = start(store, options -> options)) {
            target.io().succeed(deallocate(100, 10, 0, 5, 105, 20, 3, 2, 50, 0, 5, 1, 200, 1));
        }
        assertThat(store.calls).containsExactly("deallocate 0+3072", "deallocate 51200+12800", "deallocate 102400+512");
    }

    @Test
    void oneRangeOverATebibyteIsDeallocatedInPieces() {
        Store store = new Store(TIB);
        long[] all = new long[2 * 256];
        for (int i = 0; i < 256; i++) {
            all[2 * i + 1] = TIB / BLOCK;
        }
        try (TargetFixture target = start(store, options -> options)) {
            target.io().succeed(deallocate(all));
        }
        long most = 256L * TargetOptions.DEFAULT_WORK_PER_TURN;
        assertThat(store.lengths).hasSize((int) (TIB / most)).allMatch(length -> length == most);
    }

    @Test
    void everyPieceHasATurnOfItsOwn() {
        EventExecutorGroup loops = new DefaultEventExecutorGroup(1);
        EventExecutorGroup hosts = new DefaultEventExecutorGroup(1);
        EventExecutor loop = loops.next();
        AtomicInteger turn = new AtomicInteger();
        List<Integer> turns = new CopyOnWriteArrayList<>();
        BlockStore store = new DelegatingBlockStore(BlockStore.nullBlocks(1 << 30, BLOCK)) {
            private Mono<Void> called() {
                return Mono.fromRunnable(() -> {
                    turns.add(turn.get());
                    loop.execute(turn::incrementAndGet);
                });
            }

            @Override
            public Mono<Void> writeZeroes(long offset, long length) {
                return called();
            }

            @Override
            public Mono<Void> deallocate(long offset, long length) {
                return called();
            }
        };
        LoopTransport transport =
                new LoopTransport(LoopTransportOptions.defaults().withExecutors(hosts, loops));
        try (TargetFixture target = TargetFixture.start(
                transport,
                TargetOptions.DEFAULTS.workPerTurn(PIECE),
                Schedulers.parallel(),
                SubsystemOptions.of(SUBSYSTEM).namespace(1, store))) {
            RawQueue io = target.io();
            io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 10 * PIECE / BLOCK, 0));
            io.succeed(deallocate(0, 1, 2, 1, 4, 1, 6, 1, 8, 1));
        } finally {
            hosts.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
        assertThat(turns).hasSize(15).doesNotHaveDuplicates();
    }

    @Test
    void limitsThatIdentifyTellsAreKept() {
        Store store = new Store(1 << 30);
        try (TargetFixture target =
                start(store, options -> options.maxZeroes(8192).maxRanges(2).maxRangeBlocks(10))) {
            RawQueue io = target.io();
            io.succeed(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 16, 0));
            io.refuse(RawCommand.blocks(NvmOpcode.WRITE_ZEROES, 1, 0, 17, 0), StatusCode.INVALID_FIELD, true);
            io.succeed(deallocate(0, 10, 20, 10));
            io.refuse(deallocate(0, 1, 2, 1, 4, 1), StatusCode.COMMAND_SIZE_LIMIT_EXCEEDED, true);
            io.refuse(deallocate(0, 1, 2, 11), StatusCode.COMMAND_SIZE_LIMIT_EXCEEDED, true);
        }
        assertThat(store.calls).hasSize(3);
    }

    @Test
    void shutDownsAskedForAgainAndAgainFlushOneAtATime() {
        ScriptedStore store = new ScriptedStore(1 << 20, BLOCK);
        TargetFixture target = start(store, options -> options);
        RawQueue admin = target.admin().queue();
        int enabled =
                ControllerConfiguration.enable(ControllerConfiguration.CSS_NVM).encode();

        for (int i = 0; i < 10; i++) {
            admin.succeed(RawCommand.set(Property.CC, enabled | SHUTDOWN));
            admin.succeed(RawCommand.set(Property.CC, 0));
            admin.succeed(RawCommand.set(Property.CC, enabled));
        }
        admin.succeed(RawCommand.set(Property.CC, enabled | SHUTDOWN));
        assertThat(store.calls).hasSize(1);
        store.last().done();
        // What was written before the last request is flushed by the last flush.
        Awaitility.await().until(() -> store.calls.size() == 2);
        store.last().done();

        Awaitility.await()
                .until(() ->
                        (admin.succeed(RawCommand.get(Property.CSTS)).dw0() & SHUTDOWN_STATUS) == SHUTDOWN_COMPLETE);
        assertThat(store.calls).hasSize(2);
        store.answerEverything();
        target.close();
    }

    @Test
    void storeInMemoryForgetsATebibyteAtOnce() {
        BlockStore memory = BlockStore.memory(TIB, BLOCK);
        byte[] data = new byte[BLOCK];
        data[0] = 1;
        long[] everything = {0, TIB / BLOCK};
        try (TargetFixture target = start(memory, options -> options)) {
            RawQueue io = target.io();
            io.succeed(RawCommand.write(TIB / BLOCK - 1, 1, data));
            io.succeed(RawCommand.write(7, 1, data));
            io.succeed(deallocate(everything));
            RawCommand read = RawCommand.read(TIB / BLOCK - 1, 1, BLOCK);
            io.succeed(read);
            assertThat(read.received()).containsOnly(0);
        }
    }
}
