package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.nvmf.subsystem.BlockStore;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A store that tells a {@link BlockModel} which block it writes when, and takes its time: most calls are answered in place, some
 * later, and some writes so late that the association that brought them may be gone; never later than a bound. Thread safe.
 */
public final class ModelStore implements BlockStore {

    private final BlockModel model;
    private final BlockContent content;
    private final int blockSize;
    private final ByteBufAllocator allocator;
    private final Scheduler timer;
    private final Random random;
    private final long lateMicros;
    private final AtomicReference<Throwable> violation = new AtomicReference<>();
    private final byte[] media;
    private int underWay;

    /**
     * A store for all blocks of a model.
     *
     * @param late longest time that a write may take, such as the command quiesce time that the target reports
     */
    public ModelStore(
            BlockModel model,
            long seed,
            int blockSize,
            ByteBufAllocator allocator,
            Scheduler timer,
            Random random,
            Duration late) {
        this.model = model;
        this.content = new BlockContent(seed, blockSize);
        this.blockSize = blockSize;
        this.allocator = allocator;
        this.timer = timer;
        this.random = random;
        this.lateMicros = TimeUnit.NANOSECONDS.toMicros(late.toNanos());
        this.media = new byte[model.blockCount() * blockSize];
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blocks() {
        return model.blockCount();
    }

    /** What was wrong with a write that came here, or null. */
    public Throwable violation() {
        return violation.get();
    }

    /** Calls that have not been answered. */
    public synchronized int underWay() {
        return underWay;
    }

    /** Checks that what is stored at the end is what the model allows. */
    public synchronized void checkAll() {
        long began = model.beginRead();
        ByteBuf all = Unpooled.wrappedBuffer(media);
        for (int block = 0; block < model.blockCount(); block++) {
            model.read(began, block, content.read(all, block * blockSize, block));
        }
    }

    private synchronized long delay(int often) {
        if (random.nextInt(often) != 0) {
            return 0;
        }
        return 1 + (long) (lateMicros * (random.nextInt(4) == 0 ? random.nextDouble() : random.nextDouble() / 20));
    }

    private <T> Mono<T> later(long micros, Mono<T> work) {
        return micros == 0
                ? work
                : Mono.delay(Duration.ofNanos(micros * 1000), timer).then(work);
    }

    private synchronized void count(int change) {
        underWay += change;
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return later(delay(8), Mono.fromCallable(() -> copyOut((int) offset, length)));
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        long micros = delay(6);
        Mono<Void> write = Mono.fromRunnable(() -> copyIn((int) offset, data));
        return micros == 0
                ? write
                : later(micros, write).doOnSubscribe(subscription -> count(1)).doFinally(end -> count(-1));
    }

    private synchronized ByteBuf copyOut(int offset, int length) {
        return allocator.buffer(length, length).writeBytes(media, offset, length);
    }

    private synchronized void copyIn(int offset, ByteBuf data) {
        try {
            int index = data.readerIndex();
            for (int at = offset; at < offset + data.readableBytes(); at += blockSize) {
                int block = at / blockSize;
                model.carriedOut(block, content.read(data, index, block));
                data.getBytes(index, media, at, blockSize);
                index += blockSize;
            }
        } catch (Throwable wrong) {
            violation.compareAndSet(null, wrong);
            throw wrong;
        }
    }

    @Override
    public Mono<Void> flush() {
        return later(delay(8), Mono.empty());
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
