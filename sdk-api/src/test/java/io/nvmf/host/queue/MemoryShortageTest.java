package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** After an attempt that took long nobody asks for memory for a while. */
class MemoryShortageTest {

    private static final int BYTES = 131_072;
    private static final long SLOW = MemoryShortage.LONG.toNanos();

    private final OutOfMemoryError exhausted = new OutOfMemoryError("Cannot reserve 131072 bytes");
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5); // it may wrap around
    private final MemoryShortage shortage = new MemoryShortage(nanoTime::get);

    private void attemptFails(long nanos) {
        long began = shortage.begin();
        nanoTime.addAndGet(nanos);
        shortage.failed(BYTES, began, exhausted);
    }

    @Test
    void nothingIsRefusedBeforeAnAttemptHasFailed() {
        assertThat(shortage.isSuspected()).isFalse();
        shortage.succeeded(BYTES);
        assertThat(shortage.isSuspected()).isFalse();
    }

    @Test
    void attemptsThatFailAtOnceMayGoOn() {
        shortage.failed(BYTES, -1, exhausted);
        assertThat(shortage.isSuspected()).isTrue();
        assertThat(shortage.refusal(BYTES)).isNull();
        attemptFails(SLOW - 1);
        assertThat(shortage.refusal(BYTES)).isNull();
    }

    @Test
    void afterASlowOneAsMuchIsRefusedForFourTimesAsLong() {
        shortage.failed(BYTES, -1, exhausted);
        attemptFails(SLOW);
        assertThat(shortage.refusal(BYTES)).isSameAs(exhausted);
        assertThat(shortage.refusal(BYTES + 1)).isSameAs(exhausted);
        assertThat(shortage.refusal(BYTES - 1)).isNull();

        nanoTime.addAndGet(MemoryShortage.PAUSE * SLOW - 1);
        assertThat(shortage.refusal(BYTES)).isSameAs(exhausted);
        nanoTime.addAndGet(1);
        assertThat(shortage.refusal(BYTES)).isNull();

        attemptFails(2 * SLOW);
        nanoTime.addAndGet(MemoryShortage.PAUSE * SLOW);
        assertThat(shortage.refusal(BYTES)).isSameAs(exhausted);
    }

    @Test
    void aSuccessWithAsMuchIsTheEnd() {
        attemptFails(SLOW);
        shortage.succeeded(BYTES - 1);
        assertThat(shortage.isSuspected()).isTrue();
        shortage.succeeded(BYTES);
        assertThat(shortage.isSuspected()).isFalse();
    }
}
