package io.nvmf.subsystem.engine;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.ControllerConfiguration.ShutdownNotification;
import io.nvmf.spec.ControllerStatus.ShutdownStatus;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.SglSupport;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.ShortId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
    private static final double NANOS_PER_SECOND = 1e9;

    private final TargetServer server;
    private final TargetQueue adminQueue;
    private final Subsystem subsystem;
    private final int id;

    /** Short name of this association, which its lines of the log begin with. */
    private final String association = ShortId.next();

    private final long since;
    private final ConnectData host;
    private final HostNamespaces namespaces;
    private final ControllerProperties properties;
    private final Features features;
    private final KeepAliveWatch keepAlive;
    private final EventRequests events;
    private final ChangedNamespaces changedNamespaces = new ChangedNamespaces();
    private final Shutdown shutdown = new Shutdown(this);
    private final IntObjectMap<TargetQueue> ioQueues = new IntObjectHashMap<>();

    /** Runs when the association has ended. */
    private Runnable end = () -> {};

    /** The host has been admitted, after it has proved who it is if it had to; written on the event loop. */
    private volatile boolean started;

    /** How many changes of CC.EN are being followed. */
    private int following;

    /** Written on the event loop; others look whether the association has ended. */
    private volatile boolean freed;

    /** Enabled and not shut down; written here, read by the I/O queues. */
    private volatile boolean acceptsIo;

    /** The I/O queues there were are about to be closed; written here, read by them. */
    private volatile boolean endsIoQueues;

    /** The host has turned the volatile write cache off: writes complete when durable. */
    private volatile boolean writeThrough;

    Controller(TargetServer server, TargetQueue adminQueue, Subsystem subsystem, int id, ConnectData host) {
        this.server = server;
        this.adminQueue = adminQueue;
        this.subsystem = subsystem;
        this.id = id;
        this.host = host;
        this.namespaces = subsystem.visibleTo(host.hostNqn());
        this.since = server.timer().now(TimeUnit.NANOSECONDS);
        this.events = new EventRequests(adminQueue);
        this.properties = new ControllerProperties(subsystem.isDiscovery(), limits().queueSize());
        this.features = new Features(this);
        this.keepAlive = new KeepAliveWatch(this, server.timer());
    }

    /** The host may do what it likes from now on, for which one of the places has been taken. */
    void start(long keepAliveTimeout) {
        started = true;
        keepAlive.start(keepAliveTimeout);
        server.associations().write(this::begins);
    }

    // Properties

    ControllerProperties properties() {
        return properties;
    }

    /**
     * Property Set of CC.
     *
     * @param answer runs when the host may be answered, which is when CSTS.RDY has followed unless a store is at work
     * @return false, and nothing changed, if the value is not acceptable
     */
    boolean configure(ControllerConfiguration requested, Runnable answer) {
        if (!properties.accepts(requested)) {
            return false;
        }
        boolean enabledBefore = properties.configuration().enabled();
        properties.configuration(requested);
        boolean changes = requested.enabled() != enabledBefore;
        if (changes && requested.enabled()) {
            properties.restart();
            follow(server.predecessorsOf(this), answer);
        } else if (changes) {
            follow(reset(), answer);
        }
        // Once it is shut down only a reset begins anew, whatever SHN goes through.
        if (requested.shutdown() != ShutdownNotification.NONE
                && properties.status().shutdown() == ShutdownStatus.NONE) {
            shutDown();
        }
        if (!changes) {
            answer.run();
        }
        return true;
    }

    /**
     * CSTS.RDY follows CC.EN when commands that came before can change no store any more: those of this controller when
     * it is disabled; when it is enabled, those of the associations that the same host has lost. So nothing that the
     * host writes from then on is overtaken by what it wrote before.
     */
    private void follow(Collection<TargetQueue> queues, Runnable answer) {
        following++;
        Quiescence.of(this, queues, answer, this::followed);
    }

    private void followed() {
        if (--following > 0 || freed) {
            return;
        }
        if (!properties.configuration().enabled()) {
            properties.restart();
        } else {
            properties.ready();
            endsIoQueues = false;
            acceptsIo = !subsystem.isDiscovery() && properties.status().shutdown() == ShutdownStatus.NONE;
        }
    }

    /** Whether admin commands are carried out. */
    boolean isReady() {
        return properties.status().ready() && properties.configuration().enabled();
    }

    /**
     * Controller reset: what was outstanding is gone without an answer, the I/O queues with their connections.
     *
     * @return the I/O queues that there were
     */
    private Collection<TargetQueue> reset() {
        endsIoQueues = true;
        acceptsIo = false;
        events.reset();
        changedNamespaces.clear();
        features.reset();
        return takeIoQueues();
    }

    private Collection<TargetQueue> takeIoQueues() {
        Set<TargetQueue> all = new HashSet<>(ioQueues.values());
        ioQueues.clear();
        // And those that have left, with a store at work.
        all.addAll(server.queuesOf(owner -> owner == this));
        all.remove(adminQueue);
        return all;
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
        new FlushAll(adminQueue, namespaces.all(), end).run();
    }

    // Queues

    /** Takes in an I/O queue, or says why not. */
    @Nullable
    ConnectRefusal join(TargetQueue queue, int queueId, ConnectData data) {
        ConnectRefusal refusal = check(queueId, data);
        if (refusal == null) {
            ioQueues.put(queueId, queue);
        }
        return refusal;
    }

    /** Says why an I/O queue could not be taken in; null if it could. */
    @Nullable
    ConnectRefusal check(int queueId, ConnectData data) {
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
        if (!started || !acceptsIo || ioQueues.containsKey(queueId)) {
            return ConnectRefusal.of(TargetStatus.COMMAND_SEQUENCE_ERROR);
        }
        return null;
    }

    /** Frees the place of an I/O queue that has ended. */
    void leave(TargetQueue queue, int queueId) {
        if (ioQueues.get(queueId) == queue) {
            ioQueues.remove(queueId);
        }
    }

    @Nullable
    TargetQueue ioQueue(int queueId) {
        return ioQueues.get(queueId);
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
            ends("the admin queue ended, " + reason);
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
        LOG.warn("{} fails after {}: {}", this, age(), reason);
        properties.fatal();
        free();
    }

    /** A fatal error that leaves the connections: CSTS.CFS is set until the host resets the controller. */
    void failQuietly() {
        if (!freed && properties.status().ready()) {
            LOG.warn("{} fails, as it was asked to", this);
            acceptsIo = false;
            properties.fatal();
        }
    }

    /** An NVM subsystem reset ends every association. */
    void subsystemReset() {
        if (!freed) {
            ends("NVM subsystem reset");
            free();
        }
    }

    private String begins() {
        TransportAddress from = adminQueue.queuePair().remoteAddress();
        return this + " with identifier " + host.hostId() + (from == null ? "" : " at " + from) + " begins: up to "
                + (subsystem.isDiscovery() ? 0 : limits().ioQueues()) + " I/O queues of " + limits().queueSize()
                + " entries, keep alive " + keepAlive.timeout() + " ms, in-capsule data " + limits().inCapsuleData()
                + " bytes";
    }

    private void ends(String why) {
        if (!started) {
            return;
        }
        boolean shutDown = properties.status().shutdown() != ShutdownStatus.NONE;
        server.associations()
                .write(() -> this + " ends after " + age() + (shutDown ? ", shut down by the host: " : ": ") + why);
    }

    private String age() {
        return String.format(Locale.ROOT, "%.3f s", (timer().now(TimeUnit.NANOSECONDS) - since) / NANOS_PER_SECOND);
    }

    private void free() {
        freed = true;
        endsIoQueues = true;
        acceptsIo = false;
        keepAlive.stop();
        server.freed(this);
        ended();
        events.drop(null);
        new QuiesceWatch(this, takeIoQueues()).start();
        adminQueue.close();
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

    /** Whether I/O queues get no more answers, because they end with the association or the reset. */
    boolean endsIoQueues() {
        return endsIoQueues;
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

    /** Tells the host of an event, if it wants to hear of it. */
    void post(AsyncEvent event) {
        if (isReady() && features.wants(event)) {
            events.post(event);
        }
    }

    /** A namespace is new, gone, or other than it was, if the host sees it; one that is not ready yet has still to look. */
    void namespaceChanged(int nsid) {
        if (isReady() && !subsystem.isDiscovery() && namespaces.contains(nsid)) {
            changedNamespaces.add(nsid);
            post(ServedSubsystem.NAMESPACE_CHANGED);
        }
    }

    /** The host has said anew what it wants to hear of. */
    void eventsConfigured() {
        events.withdraw(event -> !features.wants(event));
        if (!changedNamespaces.isEmpty()) {
            post(ServedSubsystem.NAMESPACE_CHANGED);
        }
    }

    ChangedNamespaces changedNamespaces() {
        return changedNamespaces;
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

    /** What the host sees. */
    HostNamespaces namespaces() {
        return namespaces;
    }

    /** Where the host came to with its admin queue; null if the transport does not know. */
    @Nullable
    TransportAddress localAddress() {
        return adminQueue.queuePair().localAddress();
    }

    /** How the host says where data is. */
    SglSupport sglSupport() {
        return adminQueue.queuePair().sglSupport();
    }

    ConnectData host() {
        return host;
    }

    /** Nobody has it any more. */
    void ended() {
        Runnable task = end;
        end = () -> {};
        task.run();
    }

    /** What is to be done when the association has ended. */
    void atEnd(Runnable task) {
        end = task;
    }

    /** Whether the host has been admitted, so that this is an association; any thread. */
    boolean started() {
        return started;
    }

    /** Whether this is an association that the host of another one has lost before, with the same subsystem. */
    boolean precedes(Controller other) {
        return freed
                && this != other
                && subsystem == other.subsystem
                && host.hostNqn().equals(other.host.hostNqn())
                && host.hostId().equals(other.host.hostId());
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
        return '[' + association + "] controller " + id + " of " + subsystem.nqn() + " for " + host.hostNqn();
    }
}
