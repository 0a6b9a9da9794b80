package io.nvmf.target;

/** What every store checks first. */
final class Sizes {

    private Sizes() {}

    static void check(long size, int blockSize) {
        if (blockSize < BlockStore.MIN_BLOCK_SIZE
                || blockSize > BlockStore.MAX_BLOCK_SIZE
                || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException("blockSize " + blockSize + " is not a power of two within "
                    + BlockStore.MIN_BLOCK_SIZE + ".." + BlockStore.MAX_BLOCK_SIZE);
        }
        if (size < blockSize || size % blockSize != 0) {
            throw new IllegalArgumentException("size " + size + " is not a multiple of blockSize " + blockSize);
        }
    }
}
