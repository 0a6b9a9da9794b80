package io.nvmf.testing;

import java.util.concurrent.CompletableFuture;

/**
 * Runs property tests on a thread of its own. Each of their many exceptions notes every frame of its stack, and most frames would
 * be JUnit's: it takes a good part less without them.
 */
public final class ShallowStack {

    private ShallowStack() {}

    /** Runs a test to its end, and throws what it throws. */
    public static void run(Runnable test) {
        CompletableFuture.runAsync(test, task -> new Thread(task, "schedules").start())
                .join();
    }
}
