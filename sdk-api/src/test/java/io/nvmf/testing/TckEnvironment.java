package io.nvmf.testing;

import org.reactivestreams.tck.TestEnvironment;

/**
 * The times of every verification by the Reactive Streams TCK: patient with what has to come, since a machine may stand still
 * for a moment, and brief with what must not come.
 */
public final class TckEnvironment extends TestEnvironment {

    /** Milliseconds that an expected signal may take. A rule that holds is done when the signal is there. */
    private static final long PATIENCE = 30_000;

    /** Milliseconds in which an unwanted signal must not come. They pass every time. */
    private static final long NO_SIGNAL = 100;

    /** Milliseconds between two looks for an expected error. By default the TCK looks once, after the whole patience. */
    private static final long POLL = 5;

    /** Creates an environment. It collects the errors of one verification, so each has one of its own. */
    public TckEnvironment() {
        super(PATIENCE, NO_SIGNAL, POLL);
    }
}
