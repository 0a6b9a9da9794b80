package io.nvmf.subsystem.engine.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Who has failed waits, and nobody can make the target remember without end. */
class FailureDelaysTest {

    private static final List<String> HOST = List.of("host a", "address b");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final FailureDelays delays = new FailureDelays(time, Duration.ofSeconds(30));

    @Test
    void theDelayDoublesUpToABound() {
        assertThat(delays.of(HOST)).isZero();
        delays.failed(HOST);
        assertThat(delays.of(HOST)).isEqualTo(FailureDelays.LEAST);
        delays.failed(HOST);
        assertThat(delays.of(HOST)).isEqualTo(FailureDelays.LEAST.multipliedBy(2));
        for (int i = 0; i < 100; i++) {
            delays.failed(HOST);
        }
        assertThat(delays.of(HOST)).isEqualTo(FailureDelays.MOST);
    }

    @Test
    void halfOfTheDeadlineIsLeft() {
        FailureDelays hurried = new FailureDelays(time, Duration.ofMillis(500));
        for (int i = 0; i < 100; i++) {
            hurried.failed(HOST);
        }
        assertThat(hurried.of(HOST)).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void nameAndAddressCountEachByItself() {
        delays.failed(HOST);
        assertThat(delays.of(List.of("host a", "address c"))).isEqualTo(FailureDelays.LEAST);
        assertThat(delays.of(List.of("host d", "address b"))).isEqualTo(FailureDelays.LEAST);
        assertThat(delays.of(List.of("host d", "address c"))).isZero();
    }

    @Test
    void successAndTimeMakeItForgotten() {
        delays.failed(HOST);
        delays.succeeded(HOST);
        assertThat(delays.of(HOST)).isZero();
        delays.failed(HOST);
        delays.failed(HOST);
        time.advanceTimeBy(FailureDelays.MEMORY);
        assertThat(delays.of(HOST)).isZero();
        delays.failed(HOST);
        assertThat(delays.of(HOST)).isEqualTo(FailureDelays.LEAST);
    }

    @Test
    void whoHasNotFailedForLongestIsForgottenFirst() {
        delays.failed(HOST);
        delays.failed(List.of("host old"));
        for (int i = 0; i < FailureDelays.ENTRIES; i++) {
            delays.failed(List.of("host " + i, "address b"));
        }
        assertThat(delays.size()).isEqualTo(FailureDelays.ENTRIES);
        assertThat(delays.of(List.of("host old"))).isZero();
        assertThat(delays.of(HOST)).isEqualTo(FailureDelays.MOST);
        time.advanceTimeBy(Duration.ofDays(1));
        assertThat(delays.of(HOST)).isZero();
    }
}
