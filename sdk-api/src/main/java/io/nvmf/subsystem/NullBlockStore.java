package io.nvmf.subsystem;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import reactor.core.publisher.Mono;

/** Blocks that are nowhere: what they cost a target is what the target itself costs. */
final class NullBlockStore implements BlockStore {

    /** Covers whole blocks of any size, and what the engine reads at a time. */
    private static final int SHARED_LENGTH = 128 * 1024;

    /** The memory of every read. Nobody can write to it, and nobody's release frees it. */
    private static final ByteBuf SHARED = shared();

    private final int blockSize;
    private final long blocks;

    /** Hosts tend to read the same length again; a race makes one too many. */
    private Reading latest = new Reading(MIN_BLOCK_SIZE);

    NullBlockStore(long size, int blockSize) {
        BlockStore.checkSize(size, blockSize);
        this.blockSize = blockSize;
        this.blocks = size / blockSize;
    }

    private static ByteBuf shared() {
        ByteBuf bytes = Unpooled.directBuffer(SHARED_LENGTH, SHARED_LENGTH);
        for (int i = 0; i < SHARED_LENGTH; i++) {
            bytes.writeByte(i);
        }
        return Unpooled.unreleasableBuffer(bytes.asReadOnly());
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blocks() {
        return blocks;
    }

    @Override
    public BlockStore resized(long size) {
        return new NullBlockStore(size, blockSize());
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        Reading reading = latest;
        if (reading.length != length) {
            reading = new Reading(length);
            latest = reading;
        }
        return reading;
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return Mono.empty();
    }

    @Override
    public Mono<Void> flush() {
        return Mono.empty();
    }

    @Override
    public Mono<Void> writeZeroes(long offset, long length) {
        return Mono.empty();
    }

    @Override
    public Deallocation deallocation() {
        return Deallocation.IGNORED;
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    /**
     * A read of some length from anywhere: there is no difference, as the pattern repeats within the smallest block.
     */
    private static final class Reading extends InPlaceMono<ByteBuf> {

        private final int length;

        Reading(int length) {
            this.length = length;
        }

        @Override
        public ByteBuf call() {
            if (length <= SHARED_LENGTH) {
                return SHARED.slice(0, length);
            }
            ByteBuf[] parts = new ByteBuf[(length + SHARED_LENGTH - 1) / SHARED_LENGTH];
            Arrays.setAll(parts, i -> SHARED.slice(0, Math.min(SHARED_LENGTH, length - i * SHARED_LENGTH)));
            return Unpooled.wrappedUnmodifiableBuffer(parts);
        }
    }
}
