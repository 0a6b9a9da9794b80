package io.nvmf.samples.perf;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish to end a measurement before its time is over and to report it all the same. That is what SIGINT and SIGTERM
 * mean to the program; the JVM turns them into its shutdown hooks, so the one of {@link PerfCommand} waits for the
 * report.
 */
final class EarlyEnd {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CompletableFuture<Void> wished = new CompletableFuture<>();
    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile boolean begun;

    /** There is something to report from now on. */
    void begun() {
        begun = true;
    }

    /** The report is out, or there will be none. */
    void reported() {
        reported.countDown();
    }

    /** Completes when somebody wishes to end. */
    CompletableFuture<Void> wished() {
        return wished;
    }

    /** Asks for the end and blocks until the report is out; not at all if there is nothing to report yet. */
    void endNow() {
        wished.complete(null);
        if (!begun) {
            return;
        }
        try {
            if (!reported.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                System.err.println("failed: no end within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
