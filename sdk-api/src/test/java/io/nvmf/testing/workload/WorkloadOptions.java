package io.nvmf.testing.workload;

import java.time.Duration;

/**
 * How much a {@link Workload} does, and how long what it does may take.
 *
 * @param workers how many do one operation after the other
 * @param operations how many each of them does
 * @param mostBlocks most blocks of a single command
 * @param mostStreamBlocks most blocks of a stream
 * @param quiesce how long a write whose outcome is unknown may still be carried out after its user has heard of that
 * @param singleLimit what a single command may take, everything included
 * @param streamLimit what a stream may take
 * @param resets whether the controller is reset now and then
 * @param pause longest pause of a worker between two operations, and of the workload before it connects again
 */
public record WorkloadOptions(
        int workers,
        int operations,
        int mostBlocks,
        int mostStreamBlocks,
        Duration quiesce,
        Duration singleLimit,
        Duration streamLimit,
        boolean resets,
        Duration pause) {}
