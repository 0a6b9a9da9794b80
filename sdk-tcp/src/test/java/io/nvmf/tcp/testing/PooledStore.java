package io.nvmf.tcp.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.DelegatingBlockStore;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Schedulers;

/**
 * A store of 64 MiB that reads into pooled memory, at once or on another thread, and keeps writes until told to answer.
 */
public final class PooledStore extends DelegatingBlockStore {

    private static final int SIZE = 64 << 20;

    /** Those that are kept. */
    public final Queue<MonoSink<Void>> writes = new ConcurrentLinkedQueue<>();

    /** Whether writes are kept. */
    public volatile boolean hold;

    /** Whether reads take place on another thread. */
    public volatile boolean elsewhere;

    private final AtomicLong mostPinned = new AtomicLong();

    public PooledStore(int blockSize) {
        super(BlockStore.memory(SIZE, blockSize));
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        Mono<ByteBuf> bytes = Mono.fromCallable(() -> {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
            mostPinned.accumulateAndGet(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory(), Math::max);
            return buffer.writeZero(length);
        });
        return elsewhere ? bytes.subscribeOn(Schedulers.parallel()) : bytes;
    }

    /** The most memory of the pool that was in use when a read got its own. */
    public long mostPinned() {
        return mostPinned.get();
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return hold ? Mono.create(writes::add) : super.write(offset, data);
    }

    /** Answers what was kept, and keeps nothing any more. */
    public void answer() {
        hold = false;
        for (MonoSink<Void> write = writes.poll(); write != null; write = writes.poll()) {
            write.success();
        }
    }
}
