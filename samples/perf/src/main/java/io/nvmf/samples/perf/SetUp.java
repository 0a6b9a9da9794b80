package io.nvmf.samples.perf;

/**
 * What it took to connect several associations.
 *
 * @param nanos time for all of them
 * @param idle what each holds while it has nothing to do, and the threads of all together
 */
record SetUp(long nanos, Footprint idle) {

    private static final double NANOS_PER_SECOND = 1e9;

    double seconds() {
        return nanos / NANOS_PER_SECOND;
    }
}
