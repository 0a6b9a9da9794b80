package io.nvmf.samples.perf;

/**
 * Which I/O is next. Units are I/Os: unit n starts at byte n × I/O size. Sequences that share a range sequentially each
 * take every so-manieth unit.
 */
final class AccessSequence {

    private static final int PERCENT = 100;

    private final boolean random;
    private final int readPercentage;
    private final long units;
    private final long stride;

    private long state;
    private long position;
    private long unit;
    private boolean read;

    /**
     * A sequence.
     *
     * @param workload says how
     * @param units number of units in the range
     * @param first where to start; sequences with different ones differ
     * @param stride number of sequences that share the range
     */
    AccessSequence(Workload workload, long units, long first, long stride) {
        this.random = workload.pattern().isRandom();
        this.readPercentage = workload.readPercentage();
        this.units = units;
        this.stride = stride;
        this.position = first % units;
        // Odd, so that it is never 0, from where this generator does not get away.
        this.state = (first + 1) * 0x9E37_79B9_7F4A_7C15L | 1;
    }

    void advance() {
        read = readPercentage == PERCENT || readPercentage > 0 && bits() % PERCENT < readPercentage;
        if (random) {
            unit = bits() % units;
        } else {
            unit = position;
            position = (position + stride) % units;
        }
    }

    long unit() {
        return unit;
    }

    boolean isRead() {
        return read;
    }

    /** xorshift64*, without the sign. */
    private long bits() {
        state ^= state >>> 12;
        state ^= state << 25;
        state ^= state >>> 27;
        return (state * 0x2545_F491_4F6C_DD1DL) >>> 1;
    }
}
