package io.nvmf.subsystem.engine;

import io.nvmf.spec.ConnectData;
import io.nvmf.spec.DiscoveryLogEntry;
import io.nvmf.subsystem.BlockStore;
import io.nvmf.subsystem.SubsystemOptions;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.subsystem.engine.auth.HostAuthenticator;
import io.nvmf.transport.ConnectionGate;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.TlsListening;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.TransportListener;
import io.nvmf.transport.TransportOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * A target that listens: its subsystems, the controllers that hosts have made, and the connections. Internal; users
 * have {@code io.nvmf.NvmeTarget}. Thread safe.
 */
public final class TargetServer {

    /**
     * How long {@link #close} waits for the ends of connections that it has closed, and so for stores that are at work.
     */
    public static final Duration CUT_TIMEOUT = Duration.ofSeconds(1);

    /** GENCTR: what a target serves does not change while it listens. */
    static final long GENERATION = 1;

    private static final Logger LOG = LoggerFactory.getLogger(TargetServer.class);

    /** Lines about associations at info level in a minute. */
    private static final int ASSOCIATION_LINES = 200;

    private final TargetParameters parameters;
    private final Map<String, Subsystem> subsystems = new LinkedHashMap<>();
    private final ConcurrentMap<Integer, Controller> controllers = new ConcurrentHashMap<>();
    private final DiscoveryEntries discoveryEntries;
    private final RefusalLog refusals;
    private final LinesPerMinute associations;
    private final @Nullable HostAuthenticator authenticator;
    private final ChannelPolicy channels;
    private final TargetMemory memory;
    private final TargetConnections connections;
    private final Semaphore freeControllers;
    private final Semaphore freeDiscoveryControllers;
    private final RareWarning busy = new RareWarning(LOG, "refused a host: all controllers are taken");
    private final AtomicInteger nextController = new AtomicInteger(1);
    private final Set<TargetQueue> queues = ConcurrentHashMap.newKeySet();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final Mono<Void> close = Mono.defer(this::closeOnce).cache();
    /** In the order in which they were asked for; complete when the target is there. */
    private final List<TransportListener> listeners = new CopyOnWriteArrayList<>();

    private volatile boolean closing;

    private TargetServer(TargetParameters parameters, Logger refused) {
        this.parameters = parameters;
        this.discoveryEntries = new DiscoveryEntries(parameters);
        this.refusals = new RefusalLog(refused, parameters.timer());
        this.associations = new LinesPerMinute(
                LoggerFactory.getLogger(Controller.class),
                parameters.timer(),
                ASSOCIATION_LINES,
                "more associations came and went");
        this.authenticator = HostAuthenticator.of(
                parameters.security(), parameters.options().connectTimeout(), parameters.timer(), refusals::other);
        this.channels = new ChannelPolicy(parameters.security(), parameters.timer(), this::admits, refusals::other);
        this.memory = new TargetMemory(parameters.options().memory());
        this.connections = new TargetConnections(parameters.options());
        this.freeControllers = new Semaphore(parameters.options().controllers());
        this.freeDiscoveryControllers = new Semaphore(parameters.options().discoveryControllers());
        Subsystem discovery = Subsystem.discovery();
        subsystems.put(discovery.nqn(), discovery);
        parameters.subsystems().forEach(spec -> subsystems.put(spec.nqn(), Subsystem.of(spec)));
    }

    /**
     * Starts a target. Cold: each subscription listens anew.
     *
     * @param parameters what to serve and where
     * @return the running target; an error when the address cannot be bound, or
     *     {@link io.nvmf.transport.UnsupportedTransportException}
     */
    public static Mono<TargetServer> bind(TargetParameters parameters) {
        return bind(parameters, LOG);
    }

    /** Starts a target that writes elsewhere whom it has refused. */
    static Mono<TargetServer> bind(TargetParameters parameters, Logger refused) {
        return Mono.defer(() -> {
            TargetServer server = new TargetServer(parameters, refused);
            return open(parameters.subsystems())
                    .thenMany(Flux.fromIterable(parameters.listeners()))
                    .concatMap(where -> server.listen(where).doOnNext(server.listeners::add))
                    .then(Mono.just(server))
                    .onErrorResume(failure -> server.abandon().then(Mono.error(failure)));
        });
    }

    private Mono<TransportListener> listen(ListenAddress where) {
        TlsListening tls = channels.listening();
        TransportOptions options = parameters.transportOptions();
        return tls == null
                ? parameters.registry().listen(where.transport(), where.address(), options, gate())
                : parameters.registry().listen(where.transport(), where.address(), options, tls, gate());
    }

    private boolean admits(String hostNqn, String subsystemNqn) {
        Subsystem subsystem = subsystems.get(subsystemNqn);
        return subsystem != null && subsystem.admits(hostNqn);
    }

    /** One of the addresses was not to be had, so those that were are given back. */
    private Mono<Void> abandon() {
        closing = true;
        return unbind().then(Mono.fromRunnable(() -> {
            queues.forEach(TargetQueue::close);
            channels.close();
        }));
    }

    private Mono<Void> unbind() {
        return Flux.fromIterable(listeners)
                .flatMap(listener -> listener.close().onErrorResume(failure -> {
                    LOG.warn("could not stop listening", failure);
                    return Mono.empty();
                }))
                .then();
    }

    /** Those that an earlier target has closed serve again. */
    private static Mono<Void> open(List<SubsystemOptions> subsystems) {
        return Flux.fromIterable(subsystems)
                .flatMapIterable(spec -> spec.namespaces().values())
                .concatMap(BlockStore::open)
                .then();
    }

    private ConnectionGate gate() {
        return new ConnectionGate() {
            @Override
            public boolean connected(ControllerQueuePair queuePair, @Nullable InetAddress remote) {
                return !closing && connections.enter(queuePair, remote);
            }

            @Override
            public void disconnected(ControllerQueuePair queuePair) {
                connections.leave(queuePair);
            }

            @Override
            public void accept(ControllerQueuePair queuePair) {
                begin(queuePair);
            }
        };
    }

    private void begin(ControllerQueuePair queuePair) {
        if (closing) {
            queuePair.close().subscribe();
            return;
        }
        TargetQueue queue = new TargetQueue(queuePair, this);
        queues.add(queue);
        connections.queued(queuePair);
        queue.done().subscribe(nothing -> {}, failure -> {}, () -> {
            queues.remove(queue);
            connections.leave(queuePair);
        });
        queue.start();
    }

    /** A Connect has succeeded on a connection. */
    void admitted(ControllerQueuePair queuePair) {
        connections.admitted(queuePair);
    }

    /**
     * Where hosts can connect to.
     *
     * @return the addresses with the real ports, in the order in which they were asked for
     */
    public List<ListenAddress> addresses() {
        List<ListenAddress> addresses = new ArrayList<>(parameters.listeners());
        for (int i = 0; i < listeners.size(); i++) {
            TransportAddress real = listeners.get(i).address();
            addresses.set(i, new ListenAddress(addresses.get(i).transport(), real));
        }
        return addresses;
    }

    /**
     * Stops listening, lets the commands at work finish for at most the drain timeout, closes all connections, waits
     * for stores that are at work for at most {@link #CUT_TIMEOUT}, flushes and closes the stores, which has at most
     * the store timeout for each of the two. Idempotent. What was still at work in a store is named in a warning, and
     * its answer, if it ever comes, is dropped.
     *
     * @return completes when all of that is done; an error when a store could not be flushed or closed, which every
     *     store is asked to all the same: the first error, with the others suppressed
     */
    public Mono<Void> close() {
        return close;
    }

    /**
     * Completes when {@link #close} is done, whoever asked for it.
     *
     * @return completes when closed, never an error
     */
    public Mono<Void> onClose() {
        return closed.asMono();
    }

    /**
     * Ends all connections that there are, as a broken network would, and goes on listening. Cold: each subscription
     * does it once more.
     *
     * @return completes when they have ended and no store works for them any more, or after {@link #CUT_TIMEOUT}
     */
    public Mono<Void> disconnectAll() {
        return Mono.defer(() -> {
            List<TargetQueue> ended = List.copyOf(queues);
            ended.forEach(TargetQueue::close);
            Mono<Void> done = Mono.when(ended.stream().map(TargetQueue::done).toList());
            return StoreCloser.within(done, CUT_TIMEOUT, timer(), Mono.empty());
        });
    }

    private Mono<Void> closeOnce() {
        closing = true;
        TargetOptions limits = limits();
        // An admin queue takes its I/O queues along, so it has to be the last to go.
        Mono<Void> drained = unbind().then(drain(true)).then(drain(false));
        Mono<Void> cut = Mono.defer(() -> {
            queues.forEach(TargetQueue::close);
            return allDone();
        });
        StoreCloser stores = new StoreCloser(limits.storeTimeout(), timer());
        return StoreCloser.within(drained, limits.drainTimeout(), timer(), Mono.empty())
                .then(StoreCloser.within(cut, CUT_TIMEOUT, timer(), Mono.defer(this::tellWhatIsStuck)))
                .then(Mono.defer(() -> stores.close(subsystems.values())))
                .doFinally(end -> {
                    channels.close();
                    closed.tryEmitEmpty();
                });
    }

    /** Asked on the event loops, of which one may be blocked by the very store. */
    private Mono<Void> tellWhatIsStuck() {
        List<String> stuck = new CopyOnWriteArrayList<>();
        Mono<Void> asked = Mono.when(queues.stream()
                .map(queue -> Mono.<Void>create(sink -> queue.execute(() -> {
                    stuck.addAll(queue.describeStuck());
                    sink.success();
                })))
                .toList());
        return StoreCloser.within(asked, CUT_TIMEOUT, timer(), Mono.empty())
                .doFinally(end ->
                        LOG.warn("closed with {} connections that stores are at work for: {}", queues.size(), stuck));
    }

    private Mono<Void> drain(boolean ioOnly) {
        return Mono.defer(() ->
                Mono.when(queues.stream().map(queue -> queue.drain(ioOnly)).toList()));
    }

    private Mono<Void> allDone() {
        return Mono.when(queues.stream().map(TargetQueue::done).toList());
    }

    /**
     * A controller that has no place yet, so it can neither stand in the way of others nor do anything before
     * {@link #admit} has found one for it; null if there are as many controllers as there may be.
     */
    @Nullable
    Controller newController(TargetQueue adminQueue, Subsystem subsystem, ConnectData host) {
        if (controllers.size() >= ConnectData.CNTLID_MAX || free(subsystem).availablePermits() == 0) {
            busy.happened();
            return null;
        }
        while (true) {
            // Identifiers go round, so that one is not used again soon.
            int id = nextController.getAndUpdate(last -> last == ConnectData.CNTLID_MAX ? 1 : last + 1);
            Controller controller = new Controller(this, adminQueue, subsystem, id, host);
            if (controllers.putIfAbsent(controller.id(), controller) == null) {
                return controller;
            }
        }
    }

    /** Lets a host in, unless it has ended or others have been faster; on the event loop of the admin queue. */
    boolean admit(Controller controller, long keepAliveTimeout) {
        if (controllers.get(controller.id()) != controller) {
            return false;
        }
        if (!free(controller.subsystem()).tryAcquire()) {
            busy.happened();
            return false;
        }
        controller.start(keepAliveTimeout);
        return true;
    }

    @Nullable
    Controller controller(int id) {
        return controllers.get(id);
    }

    /** A controller that nobody has come to know of is given up. */
    void discard(Controller controller) {
        freed(controller);
        controller.ended();
    }

    /** A controller has ended; called once for each, on the event loop of its admin queue. */
    void freed(Controller controller) {
        if (controllers.remove(controller.id(), controller) && controller.started()) {
            free(controller.subsystem()).release();
        }
    }

    /** Whoever only looks what there is takes nobody's place who works. */
    private Semaphore free(Subsystem subsystem) {
        return subsystem.isDiscovery() ? freeDiscoveryControllers : freeControllers;
    }

    @Nullable
    Subsystem subsystem(String nqn) {
        return subsystems.get(nqn);
    }

    /**
     * A subsystem, to be changed while it is served.
     *
     * @param nqn its name
     * @return null if there is none
     */
    public @Nullable ServedSubsystem served(String nqn) {
        Subsystem found = subsystems.get(nqn);
        return found == null ? null : new ServedSubsystem(this, found);
    }

    /** The controllers of a subsystem. */
    List<Controller> controllersOf(Subsystem subsystem) {
        return controllers.values().stream()
                .filter(controller -> controller.subsystem() == subsystem)
                .toList();
    }

    /** NVM subsystem reset. */
    void reset(Subsystem subsystem) {
        controllersOf(subsystem).forEach(controller -> controller.execute(controller::subsystemReset));
    }

    /** The queues whose controller is such a one, those too that have ended but for a store at work. */
    List<TargetQueue> queuesOf(Predicate<Controller> controller) {
        return queues.stream()
                .filter(queue -> {
                    Controller owner = queue.controller();
                    return owner != null && controller.test(owner);
                })
                .toList();
    }

    /** The queues of associations that the host of a controller has lost and that have not come to rest. */
    List<TargetQueue> predecessorsOf(Controller successor) {
        return successor.subsystem().isDiscovery() ? List.of() : queuesOf(owner -> owner.precedes(successor));
    }

    TargetOptions limits() {
        return parameters.options();
    }

    /** Where it is told of associations that come and go. */
    LinesPerMinute associations() {
        return associations;
    }

    /** What is asked of connections. */
    ChannelPolicy channels() {
        return channels;
    }

    /** Has hosts prove who they are; null where that is not asked for. */
    @Nullable
    HostAuthenticator authenticator() {
        return authenticator;
    }

    RefusalLog refusals() {
        return refusals;
    }

    /** Of data on all connections. */
    TargetMemory memory() {
        return memory;
    }

    Scheduler timer() {
        return parameters.timer();
    }

    /** What a host may know of, see {@link DiscoveryEntries#of}. */
    List<DiscoveryLogEntry> discoveryEntries(String hostNqn, @Nullable TransportAddress cameTo) {
        return discoveryEntries.of(hostNqn, cameTo, addresses());
    }

    /** The connections that are queues, or may become some. */
    Set<TargetQueue> queues() {
        return queues;
    }

    /**
     * How many connections there are, with or without an association, and those that have ended but for a store at
     * work.
     *
     * @return number of queue pairs
     */
    public int connections() {
        return queues.size();
    }

    /**
     * How many controllers there are.
     *
     * @return number of associations
     */
    public int controllers() {
        return (int) controllers.values().stream().filter(Controller::started).count();
    }
}
