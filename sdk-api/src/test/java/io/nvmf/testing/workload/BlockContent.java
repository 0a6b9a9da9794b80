package io.nvmf.testing.workload;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * What a block of the workload holds: the stamp of the write it comes from, its own number, the seed, and bytes that follow from
 * these. So a block that was read says which write it is of, and a block that is mixed from two is found out.
 */
final class BlockContent {

    /** Stamp of a block that nobody has written to: all zeros. */
    static final long NEVER_WRITTEN = 0;

    private static final long MULTIPLIER = 6_364_136_223_846_793_005L;
    private static final long INCREMENT = 1_442_695_040_888_963_407L;

    private final long seed;
    private final int blockSize;

    BlockContent(long seed, int blockSize) {
        this.seed = seed;
        this.blockSize = blockSize;
    }

    /** Appends a block. */
    void write(ByteBuf target, long block, long stamp) {
        ByteBuffer words = ByteBuffer.allocate(blockSize);
        words.putLong(stamp).putLong(block).putLong(seed);
        long word = first(block, stamp);
        while (words.hasRemaining()) {
            word = word * MULTIPLIER + INCREMENT;
            words.putLong(word);
        }
        target.writeBytes(words.flip());
    }

    private long first(long block, long stamp) {
        return seed ^ stamp * MULTIPLIER ^ block * INCREMENT;
    }

    /** Returns the stamp of a block, and throws if it is not the content of that block after any write. */
    long read(ByteBuf source, int index, long block) {
        ByteBuffer words = ByteBuffer.allocate(blockSize);
        source.getBytes(index, words);
        words.flip();
        long stamp = words.getLong();
        long number = words.getLong();
        long otherSeed = words.getLong();
        boolean never = stamp == NEVER_WRITTEN;
        if (number != (never ? 0 : block) || otherSeed != (never ? 0 : seed)) {
            throw new AssertionError("block " + block + " holds block " + number + " of write " + stamp + ", seed "
                    + otherSeed + " instead of " + seed);
        }
        long word = first(block, stamp);
        while (words.hasRemaining()) {
            word = word * MULTIPLIER + INCREMENT;
            long found = words.getLong();
            if (found != (never ? 0 : word)) {
                throw new AssertionError("block " + block + " is broken before byte " + words.position()
                        + ": begins with write " + stamp + " and goes on with " + Long.toHexString(found));
            }
        }
        return stamp;
    }
}
