package io.nvmf.host.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventPaceTest {

    private final EventPace pace = new EventPace();

    private int takeAll(long now) {
        int taken = 0;
        while (pace.take(now)) {
            taken++;
        }
        return taken;
    }

    @Test
    void someMayFollowEachOtherAndThenTenInASecond() {
        long now = Long.MAX_VALUE - Duration.ofSeconds(2).toNanos();
        assertThat(takeAll(now)).isEqualTo(EventPace.BURST);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(takeAll(now)).isEqualTo(10);
        // over the end of the numbers
        now += Duration.ofSeconds(2).toNanos();
        assertThat(takeAll(now)).isEqualTo(20);
        now += Duration.ofDays(1).toNanos();
        assertThat(takeAll(now)).isEqualTo(EventPace.BURST);
    }
}
