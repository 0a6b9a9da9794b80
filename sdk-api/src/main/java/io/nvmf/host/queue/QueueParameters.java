package io.nvmf.host.queue;

import io.nvmf.spec.Require;
import java.time.Duration;
import reactor.core.scheduler.Scheduler;

/**
 * What a {@link HostQueue} has to know besides its queue pair.
 *
 * @param queueId queue identifier, 0 for the admin queue, 0..65,535
 * @param queueSize number of submission queue entries as negotiated, 2..65,536; one less may be outstanding
 * @param reservedSlots how many of the {@code queueSize - 1} slots only {@linkplain Request#longRunning() long-running}
 *     requests may take, 0..queueSize-2
 * @param pendingLimit how many requests may wait for a slot, at least 0; further ones fail
 * @param commandTimeout time a command has from submission, waiting for a slot included, until it fails or is aborted,
 *     and again until the queue pair is closed; zero for none, but for cancelled commands, which have
 *     {@link #ORPHAN_TIMEOUT} then. Kept with a resolution of an eighth: a command has up to 9/8 of this
 * @param orphanLimit how many commands that nobody waits for any more may be unanswered before the queue pair is
 *     closed, at least 1
 * @param timer times the deadlines; its threads do nothing but wake the event loop
 * @param aborter sends Abort commands
 */
public record QueueParameters(
        int queueId,
        int queueSize,
        int reservedSlots,
        int pendingLimit,
        Duration commandTimeout,
        int orphanLimit,
        Scheduler timer,
        AbortSender aborter) {

    /** Time that a cancelled command has until the queue pair is closed, where commands have no timeout. */
    public static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(30);

    /**
     * Checks the ranges.
     *
     * @param queueId 0..65,535
     * @param queueSize 2..65,536
     * @param reservedSlots 0..queueSize-2
     * @param pendingLimit 0 or more
     * @param commandTimeout zero or positive
     * @param orphanLimit 1 or more
     * @param timer times the deadlines
     * @param aborter sends Abort commands
     */
    public QueueParameters {
        Require.range("queueId", queueId, 0, 0xFFFF);
        Require.range("queueSize", queueSize, 2, 0x1_0000);
        Require.range("reservedSlots", reservedSlots, 0, queueSize - 2);
        Require.notNegative("pendingLimit", pendingLimit);
        Require.positive("orphanLimit", orphanLimit);
        Require.notNegative("commandTimeout", commandTimeout);
    }

    /**
     * Parameters whose orphan limit is the number of slots, so that only time closes a queue pair: cancelling a stream
     * that fills the queue must not cost the connection.
     *
     * @param queueId queue identifier, 0 for the admin queue, 0..65,535
     * @param queueSize number of submission queue entries, 2..65,536
     * @param reservedSlots slots for long-running requests, 0..queueSize-2
     * @param pendingLimit how many requests may wait for a slot, at least 0
     * @param commandTimeout time a command has, zero for none
     * @param timer times the deadlines
     * @param aborter sends Abort commands
     */
    public QueueParameters(
            int queueId,
            int queueSize,
            int reservedSlots,
            int pendingLimit,
            Duration commandTimeout,
            Scheduler timer,
            AbortSender aborter) {
        this(
                queueId,
                queueSize,
                reservedSlots,
                pendingLimit,
                commandTimeout,
                Math.max(1, queueSize - 1),
                timer,
                aborter);
    }

    /**
     * How many ordinary commands may be outstanding.
     *
     * @return {@code queueSize - 1 - reservedSlots}
     */
    public int slots() {
        return queueSize - 1 - reservedSlots;
    }
}
