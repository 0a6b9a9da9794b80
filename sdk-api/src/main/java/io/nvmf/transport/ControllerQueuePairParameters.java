package io.nvmf.transport;

import io.nvmf.spec.Require;

/**
 * What a controller's queue pair is told once the Connect command has been accepted: a transport cannot know its queue
 * before.
 *
 * @param admin whether this is the admin queue
 * @param queueSize number of submission queue entries, 2..65,536
 * @param sqFlowControl whether SQ flow control is on; when off, a success completion may travel with the last data
 * @param maxInCapsuleData largest data the host may send within a command capsule, directly behind the entry, in bytes
 */
public record ControllerQueuePairParameters(boolean admin, int queueSize, boolean sqFlowControl, int maxInCapsuleData) {

    /** Smallest number of entries a queue may have. */
    public static final int MIN_QUEUE_SIZE = 2;

    /** Largest number of entries a queue may have. */
    public static final int MAX_QUEUE_SIZE = 65_536;

    /**
     * Checks the ranges.
     *
     * @param admin true for the admin queue
     * @param queueSize 2..65,536
     * @param sqFlowControl true for SQ flow control
     * @param maxInCapsuleData bytes, 0 or more
     */
    public ControllerQueuePairParameters {
        Require.range("queueSize", queueSize, MIN_QUEUE_SIZE, MAX_QUEUE_SIZE);
        Require.notNegative("maxInCapsuleData", maxInCapsuleData);
    }
}
