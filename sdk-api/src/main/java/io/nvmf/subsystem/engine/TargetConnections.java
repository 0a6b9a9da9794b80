package io.nvmf.subsystem.engine;

import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import java.net.InetAddress;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of a target: in all, from one address, and without a Connect that succeeded. A connection
 * counts until it is closed and no store works for it any more. Thread safe.
 */
final class TargetConnections {

    private static final Logger LOG = LoggerFactory.getLogger(TargetConnections.class);

    private final TargetOptions limits;
    private final ConcurrentMap<ControllerQueuePair, Connection> all = new ConcurrentHashMap<>();
    private final ConcurrentMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    /** Oldest first. */
    private final Queue<Connection> strangers = new ConcurrentLinkedQueue<>();

    private final AtomicInteger strangersCount = new AtomicInteger();

    private final RareWarning full;
    private final RareWarning fullFromOneAddress;
    private final RareWarning closedForNewer;

    /** A connection, of which transport and queue hold a part each. */
    private static final class Connection {

        private final ControllerQueuePair queuePair;
        private final @Nullable InetAddress remote;
        private final AtomicInteger parts = new AtomicInteger(1);
        private final AtomicBoolean stranger = new AtomicBoolean(true);

        Connection(ControllerQueuePair queuePair, @Nullable InetAddress remote) {
            this.queuePair = queuePair;
            this.remote = remote;
        }
    }

    TargetConnections(TargetOptions limits) {
        this.limits = limits;
        this.full = new RareWarning(LOG, "refused a connection: there are " + limits.connections() + " in all");
        this.fullFromOneAddress = new RareWarning(
                LOG, "refused a connection: there are " + limits.connectionsPerAddress() + " from its address");
        this.closedForNewer = new RareWarning(
                LOG,
                "closed the oldest of " + limits.connectionsBeforeConnect()
                        + " connections without Connect, for a newer one");
    }

    /** Lets a connection in, or not. */
    boolean enter(ControllerQueuePair queuePair, @Nullable InetAddress remote) {
        if (count.incrementAndGet() > limits.connections()) {
            count.decrementAndGet();
            full.happened();
            return false;
        }
        if (remote != null && perAddress.merge(remote, 1, Integer::sum) > limits.connectionsPerAddress()) {
            leaveAddress(remote);
            count.decrementAndGet();
            fullFromOneAddress.happened();
            return false;
        }
        Connection connection = new Connection(queuePair, remote);
        all.put(queuePair, connection);
        strangers.add(connection);
        if (strangersCount.incrementAndGet() > limits.connectionsBeforeConnect()) {
            closeOldestStranger();
        }
        return true;
    }

    /**
     * A rightful host is through in a moment, so whoever has been silent for longest has the least claim to its place.
     */
    private void closeOldestStranger() {
        for (Connection oldest = strangers.poll(); oldest != null; oldest = strangers.poll()) {
            if (oldest.stranger.compareAndSet(true, false)) {
                strangersCount.decrementAndGet();
                closedForNewer.happened();
                oldest.queuePair.close().subscribe();
                return;
            }
        }
    }

    /** The queue holds its part from now on; one that was never asked about is let in without. */
    void queued(ControllerQueuePair queuePair) {
        Connection connection = all.get(queuePair);
        if (connection != null) {
            connection.parts.incrementAndGet();
        }
    }

    /** A Connect has succeeded. */
    void admitted(ControllerQueuePair queuePair) {
        Connection connection = all.get(queuePair);
        if (connection != null) {
            noStranger(connection);
        }
    }

    /** The transport, or the queue, has no part in the connection any more. */
    void leave(ControllerQueuePair queuePair) {
        Connection connection = all.get(queuePair);
        if (connection == null || connection.parts.decrementAndGet() > 0) {
            return;
        }
        all.remove(queuePair);
        noStranger(connection);
        InetAddress remote = connection.remote;
        if (remote != null) {
            leaveAddress(remote);
        }
        count.decrementAndGet();
    }

    private void noStranger(Connection connection) {
        if (connection.stranger.compareAndSet(true, false)) {
            strangersCount.decrementAndGet();
            strangers.remove(connection);
        }
    }

    private void leaveAddress(InetAddress remote) {
        perAddress.computeIfPresent(remote, (address, connections) -> connections == 1 ? null : connections - 1);
    }

    /** Connections in all. */
    int count() {
        return count.get();
    }
}
