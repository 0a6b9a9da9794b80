package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.host.auth.HostAuthentication;
import io.nvmf.host.queue.BlockExtent;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.metrics.AssociationMetrics;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Version;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One association between this host and a controller: the admin queue pair, the I/O queue pairs, and the life they
 * share. The end of one is the end of all.
 *
 * <p>Thread safe; signals come on the event loops of the queue pairs.
 */
public final class Association {

    private static final Logger LOG = LoggerFactory.getLogger(Association.class);

    private final AssociationParameters parameters;
    private final AssociationLog log;
    private final AssociationLife life = new AssociationLife();
    private final Failures failures;
    private final AssociationQueues queues;
    private final HostAuthentication authentication;
    private final Mono<Void> closing = Mono.defer(this::shutDown).cache();

    /** Commands sent when the association came up. */
    private long sentToConnect;

    private final Disposable.Swap watch = Disposables.swap();

    /** The authentication of all queues that is under way; null if there is none. */
    private final AtomicReference<@Nullable Mono<Void>> reauthentication = new AtomicReference<>();

    private volatile @Nullable AssociationDetails details;

    private Association(AssociationParameters parameters) {
        this.parameters = parameters.named();
        this.log = new AssociationLog(this.parameters);
        this.failures = new Failures(parameters.target(), life::wasUp, life::reason);
        this.queues = new AssociationQueues(this.parameters, life, log, failures);
        this.authentication = new HostAuthentication(
                this.parameters.security(),
                this.parameters.hostNqn(),
                this.parameters.subsystemNqn(),
                this.parameters.stepTimeout(),
                this.parameters.timer(),
                failures);
    }

    /**
     * An association that has come up, and what is made of it.
     *
     * @param association the association
     * @param face what users get
     * @param <T> type of the face
     */
    private record Opened<T>(Association association, T face) {}

    /**
     * Brings an association up. Cold. When it fails or is cancelled, everything that had been opened is closed; the
     * error comes after that, on an event loop of the association where it has one, and does not wait for a controller
     * that is given time to close a connection itself because it broke the protocol. What meets a cancelled subscriber
     * is closed.
     *
     * @param parameters what to connect to, and how
     * @param face makes what users get; when it throws, connecting has failed
     * @param <T> type of the face
     * @return the face of an association that is ready for commands
     */
    public static <T> Mono<T> connect(AssociationParameters parameters, Function<Association, T> face) {
        return connect(parameters, face, made -> Mono.empty());
    }

    /**
     * Brings an association up like {@link #connect(AssociationParameters, Function)}, and gets it ready.
     *
     * @param parameters what to connect to, and how
     * @param face makes what users get, when commands can be sent; when it throws, connecting has failed
     * @param preparation what is done before users get it; part of connecting, and its failure is one
     * @param <T> type of the face
     * @return the face of an association that is ready for commands
     */
    public static <T> Mono<T> connect(
            AssociationParameters parameters, Function<Association, T> face, Function<T, Mono<Void>> preparation) {
        return Handover.<Opened<T>>create(
                        handover -> new Association(parameters).open(handover, face, preparation),
                        unwanted -> unwanted.association().abandon(),
                        doubtful -> doubtful.association().closeUnlessUsed())
                .map(Opened::face);
    }

    private <T> void open(
            Handover<Opened<T>> handover, Function<Association, T> face, Function<T, Mono<Void>> preparation) {
        Disposable.Swap steps = Disposables.swap();
        handover.onCancel(() -> {
            steps.dispose();
            abandon();
        });
        Consumer<Throwable> failed = failure -> {
            abandon();
            // Not when closing is done: that may wait for a controller that is given time to close a connection itself.
            queues.terminated()
                    .subscribe(
                            nothing -> {},
                            error -> {},
                            () -> handover.fail(
                                    failure instanceof NvmeException
                                            ? failure
                                            : failures.unreachable("connect to " + parameters.target(), failure)));
        };
        try {
            steps.update(initialize(face, preparation)
                    .subscribe(
                            made -> handover.give(new Opened<>(this, made)),
                            failed,
                            null,
                            LateSignals.handledIn(handover.context())));
        } catch (Throwable thrown) {
            failed.accept(thrown);
        }
    }

    private <T> Mono<T> initialize(Function<Association, T> face, Function<T, Mono<Void>> preparation) {
        Mono<T> lost = life.termination()
                .delayUntil(end -> authentication.settled())
                .flatMap(end -> Mono.error(
                        failures.terminated("connect to " + parameters.target(), end, CommandOutcome.NOT_CONNECTED)));
        Mono<T> steps = new ControllerInitialization(parameters, queues, authentication, failures)
                .run()
                .doOnNext(this::live)
                .map(details -> face.apply(this))
                .flatMap(made -> new StepDeadline(parameters, failures)
                        .bound("preparation", preparation.apply(made))
                        .thenReturn(made))
                .doOnNext(made -> sentToConnect = queues.sentCommands());
        return Mono.firstWithSignal(steps, lost);
    }

    private void live(AssociationDetails result) {
        details = result;
        if (!life.opened()) {
            throw failures.closed(life.reason());
        }
        log.connected(result, maxTransferBytes());
        Duration timeout = details().keepAlive();
        if (!timeout.isZero()) {
            AdminCommands admin = details().adminCommands().essential();
            watch.update(ControllerWatch.start(admin, timeout, parameters, this::failedFatally));
            life.loss().subscribe(end -> watch.dispose());
        }
    }

    private void failedFatally() {
        end(new Termination.IoFailure(
                new IllegalStateException("the controller reports a fatal error (CSTS.CFS is 1)")));
    }

    /** Whoever cancelled while the association was handed over has dropped it, unless it is in use already. */
    private void closeUnlessUsed() {
        if (queues.sentCommands() == sentToConnect) {
            abandon();
        }
    }

    /** Closes what was opened by connecting that failed or was cancelled. */
    private void abandon() {
        watch.dispose();
        life.abandoned();
        queues.close().subscribe();
    }

    private Mono<Void> shutDown() {
        if (!life.closing()) {
            return life.termination().then();
        }
        watch.dispose();
        return new ControllerShutdown(parameters, details())
                .run(queues::stopKeepAlive)
                .onErrorResume(failure -> {
                    LOG.debug("[{}] shutdown was cut short", id(), failure);
                    return Mono.empty();
                })
                .then(Mono.defer(() -> {
                    life.closed();
                    log.closed();
                    return queues.close();
                }));
    }

    private AssociationDetails details() {
        AssociationDetails result = details;
        if (result == null) {
            throw new IllegalStateException("the association is not up");
        }
        return result;
    }

    /**
     * Shuts down in order: refuses new I/O commands, waits a bounded time for those outstanding, shuts the controller
     * down (CC.SHN), closes the I/O queue pairs and then the admin queue pair. Idempotent; the work is done on the
     * first subscription.
     *
     * @return completes when everything is closed, never an error
     */
    public Mono<Void> close() {
        return closing;
    }

    /**
     * Measures the association from now on; commands that are under way are left out.
     *
     * @param metrics called on the event loops of the queues
     */
    public void measure(AssociationMetrics metrics) {
        queues.measure(metrics);
    }

    /**
     * Ends the association at once, for a reason of this host. Commands that are outstanding fail with it.
     *
     * @param why the reason
     */
    public void end(Termination why) {
        queues.end(why);
    }

    /**
     * Disables the controller (CC.EN = 0). Cold.
     *
     * @return completes when it carries out no command any more (CSTS.RDY = 0)
     */
    public Mono<Void> disable() {
        return Mono.defer(() -> new ControllerReset(details(), parameters.timer()).disable());
    }

    /**
     * Authenticates all queues again, one after the other, with secrets that are read anew. Whoever asks while that is
     * under way shares it, and cancelling does not stop it: a controller must not be left in the middle. A failure ends
     * the association, unless nothing was sent because a secret was not there.
     *
     * @return completes on an event loop when all queues are authenticated; {@link IllegalStateException} if there is
     *     nothing to authenticate with
     */
    public Mono<Void> reauthenticate() {
        return Mono.defer(() -> {
            if (!authentication.isConfigured()) {
                return Mono.error(new IllegalStateException(
                        "there is nothing to authenticate with: Security.hostSecret(...) is not set"));
            }
            if (!life.isLive()) {
                return Mono.error(closedFailure());
            }
            Mono<Void> mine = Mono.defer(this::authenticateAll)
                    .doOnTerminate(() -> reauthentication.set(null))
                    .cache();
            Mono<Void> underWay = reauthentication.compareAndExchange(null, mine);
            return underWay == null ? mine : underWay;
        });
    }

    private Mono<Void> authenticateAll() {
        return Flux.concat(Flux.just(adminQueue()), Flux.fromIterable(ioQueues()))
                .concatMap(authentication::authenticate)
                .then()
                .doOnError(this::notAuthenticated);
    }

    /** What the controller has refused, or this host has refused the controller, is of no more use. */
    private void notAuthenticated(Throwable failure) {
        boolean untouched = failure instanceof NvmeException known && known.outcome() == CommandOutcome.NOT_SENT;
        if (!untouched) {
            end(new Termination.IoFailure(failure));
        }
    }

    /**
     * Asks for a reset of the whole subsystem (NSSR). Cold.
     *
     * @return completes when the controller has taken it; {@link UnsupportedOperationException} if it cannot do that
     */
    public Mono<Void> resetSubsystem() {
        return Mono.defer(() -> new ControllerReset(details(), parameters.timer()).resetSubsystem());
    }

    /**
     * The moment in which a queue or the controller is lost. Hot and replayed.
     *
     * @return emits one value, before any command fails; nothing if this host closes the association
     */
    public Mono<Termination> loss() {
        return life.loss();
    }

    /**
     * The end of all queues. Hot.
     *
     * @return completes when no memory can be reached any more and all commands have failed; the connections may still
     *     be open for a controller that closes them itself
     */
    public Mono<Void> queuesEnded() {
        return queues.terminated();
    }

    /**
     * What the commands change that had left and were not answered when the association ended: the controller may
     * still carry them out.
     *
     * @return complete after {@link #queuesEnded()}
     */
    public List<BlockExtent> unanswered() {
        return queues.unanswered();
    }

    /**
     * How the association ended. Hot and replayed.
     *
     * @return emits one value after all queue pairs are closed, never an error
     */
    public Mono<Termination> termination() {
        return life.termination();
    }

    /** {@return whether commands can be sent} */
    public boolean isLive() {
        return life.isLive();
    }

    /** {@return the exception for a command that comes too late} */
    public RuntimeException closedFailure() {
        return failures.closed(life.reason());
    }

    /** {@return the factory for exceptions of this association} */
    public Failures failures() {
        return failures;
    }

    /** {@return a short name of this association, which its lines of the log begin with} */
    public String id() {
        return parameters.id();
    }

    /** {@return CNTLID} */
    public int controllerId() {
        return details().controllerId();
    }

    /** {@return CAP} */
    public ControllerCapabilities capabilities() {
        return details().capabilities();
    }

    /** {@return VS} */
    public Version version() {
        return details().version();
    }

    /** {@return the Identify Controller structure, on the heap} */
    public IdentifyController identify() {
        return details().identify();
    }

    /**
     * {@return KATO as host and controller count it, rounded to the controller's granularity; zero without keep alive}
     */
    public Duration keepAlive() {
        return details().keepAlive();
    }

    /** {@return whether the controller has SQ flow control on, for at least one queue} */
    public boolean sqFlowControl() {
        return details().sqFlowControl();
    }

    /** {@return the admin queue} */
    public HostQueue adminQueue() {
        return details().admin();
    }

    /** {@return whether the controller is a discovery controller} */
    public boolean isDiscovery() {
        return parameters.discovery();
    }

    /** {@return how many event requests the admin queue has places for, 0 on a small one} */
    public int eventPlaces() {
        return queues.eventPlaces();
    }

    /** {@return what runs the timers of this association} */
    public Scheduler timer() {
        return parameters.timer();
    }

    /** {@return commands over the admin queue} */
    public AdminCommands adminCommands() {
        return details().adminCommands();
    }

    /**
     * Whether a queue belongs to this association.
     *
     * @param queue a queue of whatever association
     * @return true for its admin queue and its I/O queues
     */
    public boolean owns(HostQueue queue) {
        return queue == adminQueue() || ioQueues().contains(queue);
    }

    /** {@return the I/O queues by ascending identifier; empty for a discovery controller} */
    public List<HostQueue> ioQueues() {
        return details().ioQueues();
    }

    /**
     * The largest transfer of one command: the controller's MDTS and the transport's limit.
     *
     * @return bytes, 0 for no limit
     */
    public long maxTransferBytes() {
        long mdts = identify().maximumDataTransferSize(capabilities().mpsmin());
        long transport = adminQueue().queuePair().maxTransferSize();
        for (HostQueue queue : ioQueues()) {
            transport = smaller(transport, queue.queuePair().maxTransferSize());
        }
        return smaller(mdts == Long.MAX_VALUE ? HostQueuePair.UNLIMITED : mdts, transport);
    }

    private static long smaller(long one, long other) {
        if (one == HostQueuePair.UNLIMITED) {
            return other;
        }
        return other == HostQueuePair.UNLIMITED ? one : Math.min(one, other);
    }
}
