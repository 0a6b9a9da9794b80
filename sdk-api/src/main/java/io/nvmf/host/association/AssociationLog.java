package io.nvmf.host.association;

import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is asked first when something is wrong, in one line each: who is connected to what with which values, and how
 * and when that has ended. Thread safe.
 */
final class AssociationLog {

    private static final Logger LOG = LoggerFactory.getLogger(Association.class);

    private static final double NANOS_PER_SECOND = 1e9;

    private final AssociationParameters parameters;

    private volatile long since;
    private volatile boolean up;

    AssociationLog(AssociationParameters parameters) {
        this.parameters = parameters;
    }

    /** The association can be used. */
    void connected(AssociationDetails details, long maxTransferBytes) {
        since = now();
        up = true;
        if (!LOG.isInfoEnabled()) {
            return;
        }
        List<HostQueue> io = details.ioQueues();
        String reached = details.admin()
                .queuePair()
                .remoteAddress()
                .map(TransportAddress::toString)
                .orElse("");
        LOG.info(
                "[{}] connected to {}{} as {}: controller {}, {} I/O queues of {} entries, admin queue of {},"
                        + " keep alive {} ms, MDTS {} bytes, in-capsule data {} bytes, SQ flow control {}{}",
                parameters.id(),
                parameters.target(),
                reached.isEmpty() || reached.equals(parameters.address().toString()) ? "" : " at " + reached,
                parameters.hostNqn(),
                details.controllerId(),
                io.size(),
                io.isEmpty() ? 0 : io.get(0).slots() + 1,
                parameters.adminQueueSize(),
                details.keepAlive().toMillis(),
                maxTransferBytes == 0 ? "unlimited" : maxTransferBytes,
                details.identify().inCapsuleDataSize(),
                details.sqFlowControl() ? "on" : "off",
                agreement(io.isEmpty() ? details.admin() : io.get(0)));
    }

    private static String agreement(HostQueue queue) {
        String agreed = queue.queuePair().agreement();
        return agreed.isEmpty() ? "" : ", " + agreed;
    }

    /** A queue or the controller is lost. While connecting this is a failure of that, which whoever connects hears of. */
    void lost(int queueId, Termination end) {
        if (up) {
            if (LOG.isInfoEnabled()) {
                LOG.info("[{}] lost after {}: queue {}, {}", parameters.id(), age(), queueId, Failures.describe(end));
            }
        } else {
            LOG.debug("[{}] queue {} of {} is lost: {}", parameters.id(), queueId, parameters.target(), end);
        }
    }

    /** The user has closed it, in order. */
    void closed() {
        if (LOG.isInfoEnabled()) {
            LOG.info("[{}] closed after {}", parameters.id(), age());
        }
    }

    private String age() {
        return String.format(Locale.ROOT, "%.3f s", (now() - since) / NANOS_PER_SECOND);
    }

    private long now() {
        return parameters.timer().now(TimeUnit.NANOSECONDS);
    }
}
