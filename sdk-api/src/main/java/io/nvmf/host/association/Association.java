package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Version;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * One association between this host and a controller: the admin queue pair, the I/O queue pairs, and the life they
 * share. The end of one is the end of all.
 *
 * <p>Thread safe; signals come on the event loops of the queue pairs.
 */
public final class Association {

    private static final Logger LOG = LoggerFactory.getLogger(Association.class);

    private final AssociationParameters parameters;
    private final AssociationLife life = new AssociationLife();
    private final Failures failures;
    private final AssociationQueues queues;
    private final Mono<Void> closing = Mono.defer(this::shutDown).cache();

    /** Commands sent when the association came up. */
    private long sentToConnect;

    private volatile @Nullable AssociationDetails details;

    private Association(AssociationParameters parameters) {
        this.parameters = parameters;
        this.failures = new Failures(parameters.target(), life::wasUp, life::reason);
        this.queues = new AssociationQueues(parameters, life, failures);
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
        return Handover.<Opened<T>>create(
                        handover -> new Association(parameters).open(handover, face),
                        unwanted -> unwanted.association().abandon(),
                        doubtful -> doubtful.association().closeUnlessUsed())
                .map(Opened::face);
    }

    private <T> void open(Handover<Opened<T>> handover, Function<Association, T> face) {
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
        Runnable opened = () -> {
            Opened<T> result;
            try {
                result = new Opened<>(this, face.apply(this));
            } catch (Throwable thrown) {
                failed.accept(thrown);
                return;
            }
            handover.give(result);
        };
        try {
            steps.update(
                    initialize().subscribe(nothing -> {}, failed, opened, LateSignals.handledIn(handover.context())));
        } catch (Throwable thrown) {
            failed.accept(thrown);
        }
    }

    private Mono<Void> initialize() {
        Mono<Void> lost = life.termination()
                .flatMap(end -> Mono.error(
                        failures.terminated("connect to " + parameters.target(), end, CommandOutcome.NOT_CONNECTED)));
        Mono<Void> steps = new ControllerInitialization(parameters, queues, failures)
                .run()
                .doOnNext(this::live)
                .then();
        return Mono.firstWithSignal(steps, lost);
    }

    private void live(AssociationDetails result) {
        details = result;
        sentToConnect = queues.sentCommands();
        if (!life.opened()) {
            throw failures.closed(life.reason());
        }
    }

    /** Whoever cancelled while the association was handed over has dropped it, unless it is in use already. */
    private void closeUnlessUsed() {
        if (queues.sentCommands() == sentToConnect) {
            abandon();
        }
    }

    /** Closes what was opened by connecting that failed or was cancelled. */
    private void abandon() {
        life.abandoned();
        queues.close().subscribe();
    }

    private Mono<Void> shutDown() {
        if (!life.closing()) {
            return life.termination().then();
        }
        return new ControllerShutdown(parameters, details())
                .run(queues::stopKeepAlive)
                .onErrorResume(failure -> {
                    LOG.debug("shutdown of {} was cut short", parameters.target(), failure);
                    return Mono.empty();
                })
                .then(Mono.defer(() -> {
                    life.closed();
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

    /** {@return commands over the admin queue} */
    public AdminCommands adminCommands() {
        return details().adminCommands();
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
