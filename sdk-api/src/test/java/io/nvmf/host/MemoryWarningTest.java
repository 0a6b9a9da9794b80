package io.nvmf.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeLimitException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/** Missing memory is told once in a while, however many commands fail for it. */
class MemoryWarningTest {

    private final List<String> lines = new ArrayList<>();
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5); // it may wrap around
    private final Logger logger = (Logger) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                assertThat(method.getName()).isEqualTo("warn");
                lines.add(MessageFormatter.format((String) arguments[0], arguments[1], arguments[2])
                        .getMessage());
                return null;
            });
    private final MemoryWarning warning = new MemoryWarning(logger, nanoTime::get);

    private void fail() {
        warning.failed(NvmeLimitException.noMemory(
                "Read", 4096, CommandOutcome.NOT_SENT, new OutOfMemoryError("Cannot reserve 4096 bytes")));
    }

    @Test
    void oneLineInTenSecondsSaysWhatFailed() {
        for (int i = 0; i < 1000; i++) {
            fail();
        }
        assertThat(lines)
                .containsExactly(
                        "Read: no memory for 4096 bytes; nothing was sent (Cannot reserve 4096 bytes); commands go"
                                + " on failing like that until there is memory, which is said once in 10 s");

        nanoTime.addAndGet(MemoryWarning.SILENCE.toNanos() - 1);
        fail();
        assertThat(lines).hasSize(1);

        nanoTime.addAndGet(1);
        fail();
        fail();
        assertThat(lines).hasSize(2);
    }
}
