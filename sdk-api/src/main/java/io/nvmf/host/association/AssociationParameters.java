package io.nvmf.host.association;

import io.nvmf.security.Security;
import io.nvmf.spec.Nqn;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.TransportRegistry;
import io.nvmf.transport.support.ShortId;
import java.time.Duration;
import java.util.UUID;
import reactor.core.scheduler.Scheduler;

/**
 * Everything an association needs to know, validated by whoever collects it.
 *
 * @param id short name of the association for lines of the log; of a client, which has none, empty
 * @param registry the transports
 * @param transportType which kind of fabric
 * @param address where the port of the subsystem is
 * @param options options of the transport
 * @param subsystemNqn the subsystem
 * @param hostNqn this host
 * @param hostId this host, not the nil UUID
 * @param ioQueues I/O queue pairs to ask for, 0 for a discovery controller
 * @param queueSize entries of an I/O submission queue to ask for, 2..65,536
 * @param adminQueueSize entries of the admin submission queue, 3..65,536
 * @param sqFlowControl whether to leave SQ flow control on
 * @param keepAlive KATO; zero turns keep alive off
 * @param stepTimeout bound on each step of the bring-up
 * @param commandTimeout bound on each I/O command, zero for none
 * @param adminTimeout bound on each admin command, zero for none
 * @param security what the association insists on
 * @param pendingCommands commands of a queue that may wait for a free slot
 * @param timer runs every timer of the association
 */
public record AssociationParameters(
        String id,
        TransportRegistry registry,
        TransportType transportType,
        TransportAddress address,
        TransportOptions options,
        String subsystemNqn,
        String hostNqn,
        UUID hostId,
        int ioQueues,
        int queueSize,
        int adminQueueSize,
        boolean sqFlowControl,
        Duration keepAlive,
        Duration stepTimeout,
        Duration commandTimeout,
        Duration adminTimeout,
        Security security,
        int pendingCommands,
        Scheduler timer) {

    /** {@return whether the subsystem is the discovery service} */
    public boolean discovery() {
        return subsystemNqn.equals(Nqn.DISCOVERY);
    }

    /** {@return the same for an association, which has a name of its own} */
    AssociationParameters named() {
        return new AssociationParameters(
                ShortId.next(),
                registry,
                transportType,
                address,
                options,
                subsystemNqn,
                hostNqn,
                hostId,
                ioQueues,
                queueSize,
                adminQueueSize,
                sqFlowControl,
                keepAlive,
                stepTimeout,
                commandTimeout,
                adminTimeout,
                security,
                pendingCommands,
                timer);
    }

    /** {@return subsystem and address for messages, in the form of a URI} */
    public String target() {
        return transportType.scheme() + "://" + address + '/' + subsystemNqn;
    }
}
