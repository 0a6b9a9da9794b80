package io.nvmf.subsystem.engine;

import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import java.net.InetAddress;
import java.util.Objects;
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
            closeOneFor(connection);
        }
        return true;
    }

    /**
     * Whoever has been there for longest has the least claim to its place, but an address has to take it from itself
     * first: a rightful host that proves who it is may need seconds while others keep the target busy.
     */
    private void closeOneFor(Connection newest) {
        for (Connection older : strangers) {
            if (older != newest && Objects.equals(older.remote, newest.remote) && noStranger(older)) {
                closeFor(older);
                return;
            }
        }
        for (Connection oldest = strangers.poll(); oldest != null; oldest = strangers.poll()) {
            if (noStranger(oldest)) {
                closeFor(oldest);
                return;
            }
        }
    }

    private void closeFor(Connection older) {
        closedForNewer.happened();
        older.queuePair.close().subscribe();
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

    /** False if it was none any more. */
    private boolean noStranger(Connection connection) {
        if (!connection.stranger.compareAndSet(true, false)) {
            return false;
        }
        strangersCount.decrementAndGet();
        strangers.remove(connection);
        return true;
    }

    private void leaveAddress(InetAddress remote) {
        perAddress.computeIfPresent(remote, (address, connections) -> connections == 1 ? null : connections - 1);
    }

    /** Connections in all. */
    int count() {
        return count.get();
    }
}
