package io.nvmf.tcp;

import static io.nvmf.tcp.PollingHabit.DESCHEDULED_NANOS;
import static io.nvmf.tcp.PollingHabit.FIRST_PAUSE_NANOS;
import static io.nvmf.tcp.PollingHabit.FIRST_TRIAL;
import static io.nvmf.tcp.PollingHabit.LAST_PAUSE_NANOS;
import static io.nvmf.tcp.PollingHabit.LAST_TRIAL;
import static io.nvmf.tcp.PollingHabit.MISS;
import static io.nvmf.tcp.PollingHabit.MOST_CREDIT;
import static io.nvmf.tcp.PollingHabit.STOPPED_NANOS;
import static io.nvmf.tcp.PollingHabit.TRIAL;
import static io.nvmf.tcp.PollingHabit.WAKE_UP_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PollingHabitTest {

    private static final long LIMIT = 20_000;

    private final SpareProcessors processors = new SpareProcessors(1);
    private final PollingHabit habit = new PollingHabit(processors);

    /** Near the end of the range, as the clock may be anywhere. */
    private long now = Long.MAX_VALUE - 1000;

    private void sleeps(long nanos) {
        habit.sleeps();
        now += nanos;
        habit.slept(nanos, LIMIT, now);
    }

    /** Number of short waits until it is tried. */
    private int untilTried() {
        for (int waits = 1; waits <= 2 * LAST_TRIAL; waits++) {
            sleeps(LIMIT);
            if (habit.isOn()) {
                return waits;
            }
        }
        return Integer.MAX_VALUE;
    }

    private void fail() {
        while (habit.isOn()) {
            habit.missed();
        }
    }

    @Test
    void isTriedAfterShortWaits() {
        assertThat(habit.isOn()).isFalse();
        assertThat(untilTried()).isEqualTo(FIRST_TRIAL);
    }

    @Test
    void timeToWakeUpIsNotHeldAgainstASleeper() {
        for (int waits = 0; waits < FIRST_TRIAL; waits++) {
            sleeps(LIMIT + WAKE_UP_NANOS);
        }
        assertThat(habit.isOn()).isTrue();
    }

    @Test
    void longWaitsAreSleptThrough() {
        for (int waits = 0; waits < 10_000; waits++) {
            sleeps(LIMIT + WAKE_UP_NANOS + 1);
        }
        assertThat(habit.isOn()).isFalse();
    }

    @Test
    void shortWaitsNowAndThenAreNotEnough() {
        for (int waits = 0; waits < 1000; waits++) {
            sleeps(1);
            sleeps(1);
            sleeps(1_000_000);
        }
        assertThat(habit.isOn()).isFalse();
    }

    @Test
    void endsWhenTooManyLooksAreInVain() {
        untilTried();
        int misses = 0;
        while (habit.isOn()) {
            habit.missed();
            misses++;
        }
        assertThat(misses).isEqualTo(TRIAL / MISS + 1);
    }

    @Test
    void fourHitsPayForOneMiss() {
        untilTried();
        for (int rounds = 0; rounds < 1000; rounds++) {
            for (int hits = 0; hits < MISS; hits++) {
                habit.found();
            }
            habit.missed();
        }
        assertThat(habit.isOn()).isTrue();
        for (int rounds = 0; rounds < 1000; rounds++) {
            for (int hits = 0; hits < MISS - 1; hits++) {
                habit.found();
            }
            habit.missed();
        }
        assertThat(habit.isOn()).isFalse();
    }

    @Test
    void everyTrialThatFailsIsRepeatedHalfAsSoon() {
        for (int expected = FIRST_TRIAL; expected < LAST_TRIAL; expected *= 2) {
            assertThat(untilTried()).isEqualTo(expected);
            fail();
        }
        assertThat(untilTried()).isEqualTo(LAST_TRIAL);
        fail();
        assertThat(untilTried()).isEqualTo(LAST_TRIAL);
    }

    @Test
    void successLetsItBeTriedSoonAgain() {
        for (int failures = 0; failures < 5; failures++) {
            untilTried();
            fail();
        }
        untilTried();
        for (int hits = 0; hits <= MOST_CREDIT; hits++) {
            habit.found();
        }
        fail();
        assertThat(untilTried()).isEqualTo(2 * FIRST_TRIAL);
    }

    @Test
    void doesNotLookWithoutAProcessorToSpare() {
        assertThat(processors.take()).isTrue();
        untilTried();
        assertThat(habit.begin(now)).isFalse();
        processors.giveBack();
        assertThat(habit.begin(now)).isTrue();
        assertThat(processors.take()).isFalse();
        habit.sleeps();
        habit.sleeps();
        assertThat(processors.take()).isTrue();
        assertThat(processors.take()).isFalse();
    }

    @Test
    void onOneProcessorNobodyLooks() {
        PollingHabit alone = new PollingHabit(new SpareProcessors(0));
        for (int waits = 0; waits < FIRST_TRIAL; waits++) {
            alone.slept(1, LIMIT, now);
        }
        assertThat(alone.begin(now)).isFalse();
    }

    @Test
    void leavesTheProcessorToOthersWhoNeedIt() {
        untilTried();
        assertThat(habit.begin(now)).isTrue();
        now += DESCHEDULED_NANOS;
        assertThat(habit.goOn(now)).isTrue();
        now += DESCHEDULED_NANOS + 1;
        assertThat(habit.goOn(now)).isFalse();
        assertThat(habit.isOn()).isFalse();
        long since = now;
        untilTried();
        assertThat(now - since).isBetween(FIRST_PAUSE_NANOS, FIRST_PAUSE_NANOS + LIMIT);
    }

    @Test
    void leavesTheProcessorTheLongerTheOftenerItIsNeeded() {
        for (long pause = FIRST_PAUSE_NANOS; pause < 10 * LAST_PAUSE_NANOS; pause *= 2) {
            assertThat(pauseAfterADisturbance()).isBetween(Math.min(pause, LAST_PAUSE_NANOS), pause + LIMIT);
        }
        now += LAST_PAUSE_NANOS;
        assertThat(pauseAfterADisturbance()).isBetween(FIRST_PAUSE_NANOS, FIRST_PAUSE_NANOS + LIMIT);
    }

    private long pauseAfterADisturbance() {
        while (!habit.isOn()) {
            sleeps(LIMIT);
        }
        habit.begin(now);
        now += DESCHEDULED_NANOS + 1;
        assertThat(habit.goOn(now)).isFalse();
        long since = now;
        while (!habit.isOn()) {
            sleeps(LIMIT);
        }
        return now - since;
    }

    @Test
    void processThatWasStoppedGoesOnAsBefore() {
        untilTried();
        habit.begin(now);
        now += STOPPED_NANOS;
        assertThat(habit.goOn(now)).isTrue();
        assertThat(habit.isOn()).isTrue();
    }
}
