package io.nvmf;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.testing.ShallowStack;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;

/**
 * A checked workload over connections that fail in every way, in virtual time. A failure names its seed;
 * {@code -Dnvmf.faults.seed=SEED} runs that one alone and tells its story, {@code -Dnvmf.faults=COUNT} runs another number of them.
 */
class FaultSchedulesTest {

    private static final int SCHEDULES = Integer.getInteger("nvmf.faults", 1_000);

    private final List<Throwable> dropped = new ArrayList<>();

    @BeforeEach
    void noteWhatIsDropped() {
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void resetHooks() {
        Hooks.resetOnErrorDropped();
    }

    @Test
    void nothingAcknowledgedIsLostAndEverythingEndsInTime() {
        Long one = Long.getLong("nvmf.faults.seed");
        ShallowStack.run(() -> {
            for (long seed = one == null ? 0 : one; seed < (one == null ? SCHEDULES : one + 1); seed++) {
                run(seed, one != null);
            }
        });
    }

    @Test
    void aSeedMakesTheSameThingsHappenAgain() {
        ShallowStack.run(() -> assertThat(run(7, false)).isEqualTo(run(7, false)));
    }

    private List<String> run(long seed, boolean tell) {
        FaultSchedule schedule = new FaultSchedule(seed);
        try {
            schedule.run();
            assertThat(dropped).as("errors that nobody heard of").isEmpty();
            return schedule.story();
        } catch (Throwable failure) {
            throw new AssertionError(
                    "seed " + seed + ": " + failure + "\n" + String.join("\n", schedule.story()), failure);
        } finally {
            if (tell) {
                System.out.println(String.join("\n", schedule.story()));
            }
        }
    }
}
