package io.nvmf.spring.connection;

import java.time.Duration;

/**
 * How many event loops there are, and how they end.
 *
 * @param threads how many
 * @param quietPeriod how long they must have had nothing to do
 * @param timeout when they end in any case
 */
public record LoopSettings(int threads, Duration quietPeriod, Duration timeout) {}
