package io.nvmf.testing;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Virtual time for work that goes on with real threads in between. */
public final class VirtualTime {

    private static final Duration STEP = Duration.ofMillis(50);

    private VirtualTime() {}

    /**
     * Lets time pass until something has ended, and no more of it than allowed. What is left to do then has to come without it,
     * however slow the machine is; the value, or the failure, is thrown away or thrown.
     */
    public static void passes(VirtualTimeScheduler timer, Duration atMost, CompletableFuture<?> end) {
        Duration[] left = {atMost};
        Awaitility.await().until(() -> {
            if (!end.isDone() && left[0].compareTo(STEP) >= 0) {
                timer.advanceTimeBy(STEP);
                left[0] = left[0].minus(STEP);
            }
            return end.isDone();
        });
        end.join();
    }
}
