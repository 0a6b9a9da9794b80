package io.nvmf;

import io.nvmf.testing.ShallowStack;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;

/**
 * Many interleavings of the host's queue and its users. A failure names its seed; {@code -Dnvmf.schedule=SEED} runs that one
 * alone, {@code -Dnvmf.schedules=COUNT} another number of them.
 */
class HostSchedulesTest {

    private static final int SCHEDULES = Integer.getInteger("nvmf.schedules", 100_000);

    @Test
    void memoryWireAndSignalsAreRightInEveryOrderOfEvents() {
        Hooks.onErrorDropped(dropped -> {});
        try {
            Long one = Long.getLong("nvmf.schedule");
            ShallowStack.run(() -> run(one == null ? 0 : one, one == null ? SCHEDULES : 1));
        } finally {
            Hooks.resetOnErrorDropped();
        }
    }

    private static void run(long first, int count) {
        for (long seed = first; seed < first + count; seed++) {
            try {
                new HostSchedule(seed).run();
            } catch (Throwable failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }
}
