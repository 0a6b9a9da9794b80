package io.nvmf.host.association;

import io.nvmf.host.queue.HostQueue;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Version;
import java.time.Duration;
import java.util.List;

/**
 * What host and controller know of each other once an association is up.
 *
 * @param controllerId CNTLID
 * @param capabilities CAP
 * @param version VS
 * @param configuration CC as it was written
 * @param identify the Identify Controller structure, on the heap
 * @param keepAlive KATO as both sides count it, zero without keep alive
 * @param sqFlowControl whether the controller has SQ flow control on, for at least one queue
 * @param admin the admin queue
 * @param adminCommands commands over the admin queue
 * @param ioQueues the I/O queues by ascending identifier
 */
record AssociationDetails(
        int controllerId,
        ControllerCapabilities capabilities,
        Version version,
        ControllerConfiguration configuration,
        IdentifyController identify,
        Duration keepAlive,
        boolean sqFlowControl,
        HostQueue admin,
        AdminCommands adminCommands,
        List<HostQueue> ioQueues) {}
