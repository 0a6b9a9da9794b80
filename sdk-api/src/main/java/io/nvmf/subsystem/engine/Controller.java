package io.nvmf.subsystem.engine;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * A dynamic controller: the association of one host with one subsystem. It is made by Connect on an admin queue and
 * goes with that queue.
 *
 * <p>Its state belongs to the event loop of its admin queue, but for the two flags that I/O queues look at for each
 * command. A host that closes an idle I/O queue in order, as Linux does before it shuts the controller down, loses that
 * queue only. Any other end of a queue, a host that breaks a rule, and a keep alive timeout are fatal: CSTS.CFS is set
 * and all queues are closed.
 */
final class Controller {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    private final TargetServer server;
    private final TargetQueue adminQueue;
    private final Subsystem subsystem;
    private final int id;
    private final ConnectData host;
    private final ControllerProperties properties;
    private final Features features;
    private final KeepAliveWatch keepAlive;
    private final EventRequests events;
    private final Shutdown shutdown = new Shutdown(this);
    private final IntObjectMap<TargetQueue> ioQueues = new IntObjectHashMap<>();

    private boolean freed;

    /** Enabled and not shut down; written here, read by the I/O queues. */
    private volatile boolean acceptsIo;

    /** The host has turned the volatile write cache off: writes complete when durable. */
    private volatile boolean writeThrough;

    Controller(TargetServer server, TargetQueue adminQueue, Subsystem subsystem, int id, ConnectData host) {
        this.server = server;
        this.adminQueue = adminQueue;
        this.subsystem = subsystem;
        this.id = id;
        this.host = host;
        this.events = new EventRequests(adminQueue);
        this.properties = new ControllerProperties(subsystem.isDiscovery(), limits().queueSize());
        this.features = new Features(this);
        this.keepAlive = new KeepAliveWatch(this, server.timer());
    }

    void start(long keepAliveTimeout) {
        LOG.debug("{} created, keep alive timeout {} ms", this, keepAliveTimeout);
        keepAlive.start(keepAliveTimeout);
    }

    // Properties

    ControllerProperties properties() {
        return properties;
    }

    /** Property Set of CC; false, and nothing changed, if the value is not acceptable. */
    boolean configure(ControllerConfiguration requested) {
        if (!properties.accepts(requested)) {
            return false;
        }
        boolean enabledBefore = properties.configuration().enabled();
        properties.configuration(requested);
        if (requested.enabled() && !enabledBefore) {
            properties.restart(true);
            acceptsIo = !subsystem.isDiscovery();
        } else if (enabledBefore && !requested.enabled()) {
            reset();
        }
        // Once it is shut down only a reset begins anew, whatever SHN goes through.
        if (requested.shutdown() != ShutdownNotification.NONE
                && properties.status().shutdown() == ShutdownStatus.NONE) {
            shutDown();
        }
        return true;
    }

    /** Controller reset: what was outstanding is gone without an answer, the I/O queues with their connections. */
    private void reset() {
        acceptsIo = false;
        properties.restart(false);
        events.reset();
        features.reset();
        closeIoQueues();
    }

    private void shutDown() {
        acceptsIo = false;
        events.drop(TargetStatus.ABORT_REQUESTED);
        properties.shutdown(ShutdownStatus.OCCURRING);
        shutdown.start(ioQueues.values());
    }

    /** I/O is done, or given up, and the stores are flushed. */
    void shutDownComplete() {
        if (properties.status().shutdown() == ShutdownStatus.OCCURRING) {
            properties.shutdown(ShutdownStatus.COMPLETE);
        }
    }

    /** Flushes all stores; on the event loop, as its end is told. */
    void flushAll(RangeOperation.End end) {
        new FlushAll(adminQueue, subsystem.namespaces(), end).run();
    }

    // Queues

    /** Takes in an I/O queue, or says why not. */
    @Nullable
    ConnectRefusal join(TargetQueue queue, int queueId, ConnectData data) {
        if (freed) {
            return ConnectRefusal.inData(ConnectData.CNTLID);
        }
        if (limits().strict() && !data.hostId().equals(host.hostId())) {
            return ConnectRefusal.inData(ConnectData.HOSTID);
        }
        if (!data.hostNqn().equals(host.hostNqn())) {
            return ConnectRefusal.inData(ConnectData.HOSTNQN);
        }
        if (queueId > features.ioQueues()) {
            return ConnectRefusal.inEntry(ConnectCommand.QID);
        }
        if (!acceptsIo || ioQueues.containsKey(queueId)) {
            return ConnectRefusal.of(TargetStatus.COMMAND_SEQUENCE_ERROR);
        }
        ioQueues.put(queueId, queue);
        return null;
    }

    /** Frees the place of an I/O queue that has ended. */
    void leave(TargetQueue queue, int queueId) {
        if (ioQueues.get(queueId) == queue) {
            ioQueues.remove(queueId);
        }
    }

    boolean hasIoQueues() {
        return !ioQueues.isEmpty();
    }

    /** The connection of a queue has ended; busy if commands were outstanding. */
    void queueEnded(TargetQueue queue, Termination reason, boolean busy) {
        leave(queue, queue.queueId());
        if (freed) {
            return;
        }
        boolean inOrder = reason instanceof Termination.Closed || reason instanceof Termination.PeerReset && !busy;
        if (queue == adminQueue) {
            LOG.debug("{}: admin queue ended, {}", this, reason);
            free();
        } else if (!inOrder) {
            fail("I/O queue " + queue.queueId() + " ended, " + reason);
        }
    }

    /** A fatal error: the association ends. */
    void fail(String reason) {
        if (freed) {
            return;
        }
        LOG.warn("{} fails: {}", this, reason);
        properties.fatal();
        free();
    }

    private void free() {
        freed = true;
        acceptsIo = false;
        keepAlive.stop();
        server.freed(this);
        events.drop(null);
        closeIoQueues();
        adminQueue.close();
    }

    private void closeIoQueues() {
        List.copyOf(ioQueues.values()).forEach(TargetQueue::close);
        ioQueues.clear();
    }

    /** Whether the host has sent anything since the last call, on whichever queue. */
    boolean takeTraffic() {
        boolean any = adminQueue.takeTraffic();
        for (TargetQueue queue : ioQueues.values()) {
            any |= queue.takeTraffic();
        }
        return any;
    }

    void keepAliveExpired(long timeout) {
        boolean asked = timeout == keepAlive.timeout();
        fail("nothing heard for " + (asked ? "the keep alive timeout of " : "") + timeout + " ms");
    }

    // What commands ask for

    /** Runs a task where the state of this controller belongs; any thread. */
    void execute(Runnable task) {
        adminQueue.execute(task);
    }

    boolean acceptsIo() {
        return acceptsIo;
    }

    boolean writeThrough() {
        return writeThrough;
    }

    void writeThrough(boolean value) {
        writeThrough = value;
    }

    EventRequests events() {
        return events;
    }

    Features features() {
        return features;
    }

    KeepAliveWatch keepAlive() {
        return keepAlive;
    }

    Subsystem subsystem() {
        return subsystem;
    }

    /** Where the host came to with its admin queue; null if the transport does not know. */
    @Nullable
    TransportAddress localAddress() {
        return adminQueue.queuePair().localAddress();
    }

    ConnectData host() {
        return host;
    }

    Scheduler timer() {
        return server.timer();
    }

    TargetOptions limits() {
        return server.limits();
    }

    int id() {
        return id;
    }

    @Override
    public String toString() {
        return "controller " + id + " of " + subsystem.nqn() + " for " + host.hostNqn();
    }
}
