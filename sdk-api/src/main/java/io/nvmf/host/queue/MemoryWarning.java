package io.nvmf.host.queue;

import io.nvmf.command.NvmeException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * The line in the log about commands that fail because there is no memory. Many fail at a time, and writing lines takes
 * memory, too; so one line is written, and then none for a while. Thread safe.
 */
final class MemoryWarning {

    /** Between two lines. */
    static final Duration SILENCE = Duration.ofSeconds(10);

    private final Logger log;
    private final LongSupplier nanoTime;
    private final AtomicLong silentUntil;

    /**
     * @param nanoTime as {@link System#nanoTime()}
     */
    MemoryWarning(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.silentUntil = new AtomicLong(nanoTime.getAsLong());
    }

    /** A command has failed because there is no memory. */
    void failed(NvmeException failure) {
        long now = nanoTime.getAsLong();
        long until = silentUntil.get();
        if (now - until >= 0 && silentUntil.compareAndSet(until, now + SILENCE.toNanos())) {
            log.warn(
                    "{}; commands go on failing like that until there is memory, which is said once in {} s. Direct memory"
                            + " is set with -XX:MaxDirectMemorySize; what read streams may hold of it until their"
                            + " subscribers release it, with ReadStreamOptions.maxBuffered",
                    failure.getMessage(),
                    SILENCE.toSeconds());
        }
    }
}
