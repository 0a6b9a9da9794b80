package io.nvmf.testing;

import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.TransportAddress;

/** Parameters of host queue pairs for tests to which host, subsystem and controller are all the same. */
public final class TestQueuePairs {

    private static final String HOST = "nqn.2026-01.com.example:host";
    private static final String SUBSYSTEM = "nqn.2026-01.com.example:subsystem";

    private TestQueuePairs() {}

    /**
     * The admin queue, or the first I/O queue of controller 1.
     *
     * @param inCapsuleData bytes of data that a capsule may hold
     */
    public static HostQueuePairParameters.Builder parameters(
            TransportAddress address, boolean admin, int inCapsuleData) {
        HostQueuePairParameters.Builder queue = admin
                ? HostQueuePairParameters.adminQueue(address, HOST, SUBSYSTEM)
                : HostQueuePairParameters.ioQueue(address, HOST, SUBSYSTEM, 1, 1);
        return queue.inCapsuleData(inCapsuleData, 0);
    }
}
