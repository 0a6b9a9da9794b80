package io.nvmf.host.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.testing.LogLines;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Missing memory is told once in a while, however many commands fail for it. */
class MemoryWarningTest {

    private final LogLines lines = new LogLines(Level.WARN);
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5); // it may wrap around
    private final MemoryWarning warning = new MemoryWarning(lines.logger(), nanoTime::get);

    private void fail() {
        warning.failed(NvmeLimitException.noMemory(
                "Read", 4096, CommandOutcome.NOT_SENT, new OutOfMemoryError("Cannot reserve 4096 bytes")));
    }

    @Test
    void oneLineInTenSecondsSaysWhatFailed() {
        for (int i = 0; i < 1000; i++) {
            fail();
        }
        assertThat(lines.at(Level.WARN))
                .containsExactly(
                        "Read: no memory for 4096 bytes; nothing was sent (Cannot reserve 4096 bytes); commands go"
                                + " on failing like that until there is memory, which is said once in 10 s. Direct"
                                + " memory is set with -XX:MaxDirectMemorySize; what read streams may hold of it until"
                                + " their subscribers release it, with ReadStreamOptions.maxBuffered");

        nanoTime.addAndGet(MemoryWarning.SILENCE.toNanos() - 1);
        fail();
        assertThat(lines.at(Level.WARN)).hasSize(1);

        nanoTime.addAndGet(1);
        fail();
        fail();
        assertThat(lines.at(Level.WARN)).hasSize(2);
    }
}
