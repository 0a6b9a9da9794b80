package io.nvmf.transport;

import java.time.Duration;

/**
 * What a transport needs to open a host queue pair.
 *
 * @param address where to connect to
 * @param admin whether this is the admin queue
 * @param queueSize number of submission queue entries, 2..65,536
 * @param maxInCapsuleData largest data sent within a command capsule, in bytes: 8,192 on admin queues, else what the
 *     controller's IOCCSZ leaves
 * @param connectTimeout bound on connecting and on the transport's own handshake
 * @param options options of the transport
 */
public record HostQueuePairParameters(
        TransportAddress address,
        boolean admin,
        int queueSize,
        int maxInCapsuleData,
        Duration connectTimeout,
        TransportOptions options) {

    /** In-capsule data that every controller takes on an admin queue, in bytes (NVMe/TCP section 3.3.2.1). */
    public static final int ADMIN_IN_CAPSULE_DATA = 8192;

    /**
     * Checks the ranges.
     *
     * @param address see the record
     * @param admin see the record
     * @param queueSize see the record
     * @param maxInCapsuleData see the record
     * @param connectTimeout see the record
     * @param options see the record
     */
    public HostQueuePairParameters {
        if (queueSize < ControllerQueuePairParameters.MIN_QUEUE_SIZE
                || queueSize > ControllerQueuePairParameters.MAX_QUEUE_SIZE) {
            throw new IllegalArgumentException(
                    "queueSize " + queueSize + " is outside " + ControllerQueuePairParameters.MIN_QUEUE_SIZE + ".."
                            + ControllerQueuePairParameters.MAX_QUEUE_SIZE);
        }
        if (maxInCapsuleData < 0) {
            throw new IllegalArgumentException("maxInCapsuleData " + maxInCapsuleData + " is negative");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new IllegalArgumentException("connectTimeout " + connectTimeout + " is not positive");
        }
    }
}
