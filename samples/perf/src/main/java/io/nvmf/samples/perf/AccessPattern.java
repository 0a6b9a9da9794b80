package io.nvmf.samples.perf;

import java.util.Locale;

/** Which blocks are touched in which order, and how. */
enum AccessPattern {
    READ(false, 100),
    WRITE(false, 0),
    RANDREAD(true, 100),
    RANDWRITE(true, 0),
    RW(false, AccessPattern.MIXED),
    RANDRW(true, AccessPattern.MIXED);

    private static final int MIXED = -1;

    private final boolean random;
    private final int readPercentage;

    AccessPattern(boolean random, int readPercentage) {
        this.random = random;
        this.readPercentage = readPercentage;
    }

    boolean isRandom() {
        return random;
    }

    boolean isMixed() {
        return readPercentage == MIXED;
    }

    /** The share of reads: what was asked for where there is a choice. */
    int readPercentage(int asked) {
        return isMixed() ? asked : readPercentage;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
