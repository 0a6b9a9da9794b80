package io.nvmf.samples.replicate;

import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.StreamStatistics;
import io.nvmf.namespace.WriteStreamOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * How it is copied and verified.
 *
 * @param chunk bytes of a command at most
 * @param window commands in flight at most, on each side
 * @param part bytes between two Flushes at the target, a multiple of {@link Copy#LEAST_PART}
 * @param limit bytes per second; empty for as fast as it goes
 * @param timer tells the time
 */
record CopyOptions(int chunk, int window, long part, Optional<Long> limit, Scheduler timer) {

    /**
     * How ranges are read.
     *
     * @param statistics counts one stream at a time; null for several streams
     * @return an object with a limit of its own
     */
    Reading reading(@Nullable StreamStatistics statistics) {
        ReadStreamOptions options = ReadStreamOptions.defaults()
                .chunkSize(chunk)
                .window(window)
                .unaligned(ReadStreamOptions.Unaligned.ALLOW);
        return new Reading(
                statistics == null ? options : options.statistics(statistics),
                limit.map(bytesPerSecond -> new TokenBucket(bytesPerSecond, chunk, timer)),
                timer);
    }

    /** {@return how parts are written: merged with what is there where they end within a block, flushed at the end} */
    WriteStreamOptions writing() {
        return WriteStreamOptions.defaults()
                .chunkSize(chunk)
                .window(window)
                .unaligned(WriteStreamOptions.Unaligned.READ_MODIFY_WRITE)
                .durability(WriteStreamOptions.Durability.FLUSH);
    }
}
