package io.nvmf.spring.properties;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The event loops.
 *
 * @param threads Number of threads, 1..1024. One for each processor, and at least 4, unless set.
 * @param shutdownQuietPeriod How long the threads must have had nothing to do before they end, at most 1m.
 * @param shutdownTimeout How long the application waits for the threads to end, at most 10m.
 */
public record LoopProperties(
        @Nullable Integer threads,
        @DefaultValue("0ms") Duration shutdownQuietPeriod,
        @DefaultValue("2s") Duration shutdownTimeout) {}
