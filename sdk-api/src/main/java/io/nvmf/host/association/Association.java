package io.nvmf.host.association;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.LateSignals;
import io.nvmf.host.queue.QueueParameters;
import io.nvmf.spec.ControllerCapabilities;
import io.nvmf.spec.ControllerConfiguration;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Version;
import io.nvmf.transport.Handover;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One association between this host and a controller: the admin queue pair, the I/O queue pairs, and the life they share. The
 * end of one is the end of all.
 *
 * <p>Thread safe; signals come on the event loops of the queue pairs.
 */
public final class Association {

    private static final Logger LOG = LoggerFactory.getLogger(Association.class);

    /** Slots of the admin queue for Keep Alive, for what else the association depends on, and for Aborts; fewer on a small one. */
    private static final int RESERVED_SLOTS = 6;

    /** Those of them that are not for Aborts. */
    private static final int RESERVED_FOR_OTHERS = 2;

    private enum State {
        OPENING,
        LIVE,
        CLOSING,
        ENDED
    }

    /**
     * What the bring-up learnt.
     *
     * @param controllerId CNTLID
     * @param capabilities CAP
     * @param version VS
     * @param identify the Identify Controller structure, on the heap
     * @param admin the admin queue
     * @param adminCommands commands over the admin queue
     * @param ioQueues the I/O queues by ascending identifier
     * @param configuration CC as it was written
     */
    record Established(
            int controllerId,
            ControllerCapabilities capabilities,
            Version version,
            IdentifyController identify,
            HostQueue admin,
            AdminCommands adminCommands,
            List<HostQueue> ioQueues,
            ControllerConfiguration configuration) {}

    private final AssociationParameters parameters;
    private final Failures failures;

    /** Commands sent when the association came up. */
    private long sentToConnect;

    private final AdminAbortSender aborts = new AdminAbortSender();
    private final CopyOnWriteArrayList<HostQueue> queues = new CopyOnWriteArrayList<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPENING);
    private final AtomicReference<@Nullable Termination> termination = new AtomicReference<>();

    /** The end has been noted, and what remains has not been closed yet. */
    private final AtomicBoolean unfinished = new AtomicBoolean();

    private final Sinks.One<Termination> ended = Sinks.one();
    private final Mono<Void> closing = Mono.defer(this::shutDown).cache();

    private volatile @Nullable Established established;
    private volatile @Nullable KeepAlive keepAlive;
    private volatile boolean sqFlowControl;
    private volatile boolean up;
    private volatile Duration effectiveKeepAlive = Duration.ZERO;

    private Association(AssociationParameters parameters) {
        this.parameters = parameters;
        this.failures = new Failures(parameters.target(), () -> up, termination::get);
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
     * Brings an association up. Cold. When it fails or is cancelled, everything that had been opened is closed; the error
     * comes after that, on an event loop of the association where it has one, and does not wait for a controller that is given
     * time to close a connection itself because it broke the protocol. What meets a cancelled subscriber is closed.
     *
     * @param parameters what to connect to, and how
     * @param face makes what users get; when it throws, connecting has failed
     * @param <T> type of the face
     * @return the face of an association that is ready for commands
     */
    public static <T> Mono<T> connect(AssociationParameters parameters, Function<Association, T> face) {
        return Handover.<Opened<T>>create(
                        handover -> new Association(parameters).open(handover, face),
                        unwanted -> unwanted.association().abandon().subscribe(),
                        doubtful -> doubtful.association().closeUnlessUsed())
                .map(Opened::face);
    }

    private <T> void open(Handover<Opened<T>> handover, Function<Association, T> face) {
        Disposable.Swap steps = Disposables.swap();
        handover.onCancel(() -> {
            steps.dispose();
            abandon().subscribe();
        });
        Consumer<Throwable> failed = failure -> abandoned()
                .subscribe(
                        nothing -> {},
                        error -> {},
                        () -> handover.fail(
                                failure instanceof NvmeException
                                        ? failure
                                        : failures.unreachable("connect to " + parameters.target(), failure)));
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
            steps.update(bringUp().subscribe(nothing -> {}, failed, opened, LateSignals.handledIn(handover.context())));
        } catch (Throwable thrown) {
            failed.accept(thrown);
        }
    }

    private Mono<Void> bringUp() {
        Mono<Void> lost = ended.asMono()
                .flatMap(end -> Mono.error(
                        failures.terminated("connect to " + parameters.target(), end, CommandOutcome.NOT_CONNECTED)));
        Mono<Void> steps = new ControllerInitialization(parameters, this, failures)
                .run()
                .doOnNext(this::live)
                .then();
        return Mono.firstWithSignal(steps, lost);
    }

    private void live(Established result) {
        established = result;
        sentToConnect = sum(HostQueue::sentCommands);
        if (!state.compareAndSet(State.OPENING, State.LIVE)) {
            throw failures.closed(termination.get());
        }
        up = true;
    }

    /** Whoever cancelled while the association was handed over has dropped it, unless it is in use already. */
    private void closeUnlessUsed() {
        if (sum(HostQueue::sentCommands) == sentToConnect) {
            abandon().subscribe();
        }
    }

    /** Starts a queue on a connection and ties its end to the others'. */
    HostQueue adopt(HostQueuePair queuePair, int queueId, int queueSize) {
        // What the association depends on must not wait behind what fills the admin queue
        int reserved = queueId == 0 ? Math.max(1, Math.min(RESERVED_SLOTS, (queueSize - 1) / 2)) : 0;
        HostQueue queue;
        try {
            queue = HostQueue.start(
                    queuePair,
                    new QueueParameters(
                            queueId,
                            queueSize,
                            reserved,
                            parameters.pendingCommands(),
                            parameters.commandTimeout(),
                            parameters.timer(),
                            aborts),
                    failures.forQueue(queueId),
                    this::noteEnd);
        } catch (Throwable thrown) {
            queuePair.close().subscribe();
            throw failures.unreachable("connect queue " + queueId + " to " + parameters.target(), thrown);
        }
        queues.add(queue);
        if (queueId == 0) {
            aborts.admin(queue, Math.max(1, reserved - RESERVED_FOR_OTHERS));
        }
        queue.termination().subscribe(end -> lost(queueId, end));
        if (state.get() == State.ENDED) {
            queue.close().subscribe();
        }
        return queue;
    }

    /** Notes that a controller has SQ flow control on, asked for or not. Fewer slots than entries satisfy it anyway. */
    void sqFlowControlOn() {
        sqFlowControl = true;
    }

    void abortLimit(int abortCommandLimit) {
        aborts.limit(abortCommandLimit);
    }

    /** Starts keep alive, once the controller has been identified; a timeout of zero is none. */
    void keepAlive(HostQueue admin, IdentifyController identify, Duration timeout) {
        effectiveKeepAlive = timeout;
        if (timeout.isZero()) {
            return;
        }
        KeepAlive timer = new KeepAlive(
                admin,
                timeout,
                identify.trafficBasedKeepAlive() ? () -> sum(HostQueue::sentCommands) : null,
                () -> sum(HostQueue::answeredCommands),
                parameters.timer(),
                () -> {
                    // Without its event loop this side has not even asked.
                    Termination end = admin.executor().isShutdown()
                            ? Termination.Closed.EVENT_LOOP_GONE
                            : new Termination.IoFailure(
                                    failures.timeout("Keep Alive", timeout, CommandOutcome.UNKNOWN));
                    noteEnd(end);
                    lost(0, end);
                });
        keepAlive = timer;
        timer.start();
        if (state.get() == State.ENDED) {
            timer.stop();
        }
    }

    private long sum(ToLongFunction<HostQueue> counter) {
        long sum = 0;
        for (HostQueue queue : queues) {
            sum += counter.applyAsLong(queue);
        }
        return sum;
    }

    /** A queue is about to fail its commands: whoever hears of that finds this association ended. */
    private void noteEnd(Termination end) {
        if (state.compareAndSet(State.LIVE, State.ENDED) || state.compareAndSet(State.OPENING, State.ENDED)) {
            termination.set(end);
            unfinished.set(true);
        }
    }

    private void lost(int queueId, Termination end) {
        if (unfinished.compareAndSet(true, false)) {
            LOG.debug("queue {} of {} is lost: {}", queueId, parameters.target(), end);
            finish().subscribe();
        }
    }

    /** Closes what was opened by a bring-up that failed or was cancelled. */
    private Mono<Void> abandon() {
        return Mono.defer(() -> {
            state.set(State.ENDED);
            termination.compareAndSet(null, new Termination.Closed(Termination.Side.LOCAL));
            return finish();
        });
    }

    /** Like {@link #abandon}, but does not wait for a controller that has time to close a connection itself. */
    private Mono<Void> abandoned() {
        return Mono.defer(() -> {
            abandon().subscribe();
            List<HostQueue> opened = List.copyOf(queues);
            return Mono.when(opened.stream().map(HostQueue::termination).toList())
                    .then(signalThread(opened));
        });
    }

    private Mono<Void> finish() {
        KeepAlive timer = keepAlive;
        if (timer != null) {
            timer.stop();
        }
        List<HostQueue> opened = List.copyOf(queues);
        List<HostQueue> io =
                opened.stream().filter(queue -> queue.queueId() != 0).toList();
        List<HostQueue> admin =
                opened.stream().filter(queue -> queue.queueId() == 0).toList();
        return closeAll(io).then(closeAll(admin)).then(signalThread(opened)).then(Mono.fromRunnable(this::emitEnd));
    }

    private static Mono<Void> signalThread(List<HostQueue> opened) {
        return Mono.create(sink -> SignalThread.run(opened, sink::success));
    }

    private static Mono<Void> closeAll(List<HostQueue> opened) {
        return Flux.fromIterable(opened)
                .flatMap(queue -> queue.close().onErrorComplete(), Integer.MAX_VALUE)
                .then();
    }

    private void emitEnd() {
        Termination end = termination.get();
        ended.tryEmitValue(end == null ? new Termination.Closed(Termination.Side.LOCAL) : end);
    }

    private Mono<Void> shutDown() {
        if (!state.compareAndSet(State.LIVE, State.CLOSING)) {
            return ended.asMono().then();
        }
        return new ControllerShutdown(parameters, established())
                .run(() -> {
                    KeepAlive timer = keepAlive;
                    if (timer != null) {
                        timer.stop();
                    }
                })
                .onErrorResume(failure -> {
                    LOG.debug("shutdown of {} was cut short", parameters.target(), failure);
                    return Mono.empty();
                })
                .then(Mono.defer(() -> {
                    state.set(State.ENDED);
                    termination.set(new Termination.Closed(Termination.Side.LOCAL));
                    return finish();
                }));
    }

    private Established established() {
        Established result = established;
        if (result == null) {
            throw new IllegalStateException("the association is not up");
        }
        return result;
    }

    /**
     * Shuts down in order: refuses new I/O commands, waits a bounded time for those outstanding, shuts the controller down (CC.SHN), closes
     * the I/O queue pairs and then the admin queue pair. Idempotent; the work is done on the first subscription.
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
        return ended.asMono();
    }

    /** {@return whether commands can be sent} */
    public boolean isLive() {
        return state.get() == State.LIVE;
    }

    /** {@return the exception for a command that comes too late} */
    public RuntimeException closedFailure() {
        return failures.closed(termination.get());
    }

    /** {@return the factory for exceptions of this association} */
    public Failures failures() {
        return failures;
    }

    /** {@return CNTLID} */
    public int controllerId() {
        return established().controllerId();
    }

    /** {@return CAP} */
    public ControllerCapabilities capabilities() {
        return established().capabilities();
    }

    /** {@return VS} */
    public Version version() {
        return established().version();
    }

    /** {@return the Identify Controller structure, on the heap} */
    public IdentifyController identify() {
        return established().identify();
    }

    /** {@return KATO as host and controller count it, rounded to the controller's granularity; zero without keep alive} */
    public Duration keepAlive() {
        return effectiveKeepAlive;
    }

    /** {@return whether the controller has SQ flow control on, for at least one queue} */
    public boolean sqFlowControl() {
        return sqFlowControl;
    }

    /** {@return the admin queue} */
    public HostQueue adminQueue() {
        return established().admin();
    }

    /** {@return commands over the admin queue} */
    public AdminCommands adminCommands() {
        return established().adminCommands();
    }

    /** {@return the I/O queues by ascending identifier; empty for a discovery controller} */
    public List<HostQueue> ioQueues() {
        return established().ioQueues();
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
