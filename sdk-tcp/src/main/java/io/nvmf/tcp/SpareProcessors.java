package io.nvmf.tcp;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The processors that event loops may keep busy with looking for input: all but one, so none where there is only one.
 * Thread safe.
 */
final class SpareProcessors {

    static final SpareProcessors OF_THIS_JVM =
            new SpareProcessors(Runtime.getRuntime().availableProcessors() - 1);

    private final AtomicInteger left;

    SpareProcessors(int processors) {
        left = new AtomicInteger(processors);
    }

    /** Whether there was one left, which is the caller's now. */
    boolean take() {
        if (left.get() <= 0) {
            return false;
        }
        if (left.decrementAndGet() >= 0) {
            return true;
        }
        left.incrementAndGet();
        return false;
    }

    void giveBack() {
        left.incrementAndGet();
    }
}
