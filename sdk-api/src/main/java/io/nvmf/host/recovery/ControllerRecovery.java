package io.nvmf.host.recovery;

import io.nvmf.command.CommandOutcome;
import io.nvmf.event.NvmeEvent;
import io.nvmf.host.association.Association;
import io.nvmf.host.association.AssociationParameters;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueListener;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.metrics.MetricsRecorder;
import io.nvmf.recovery.ControllerState;
import io.nvmf.recovery.Recovery;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The owner of a controller's associations. It has one at a time, makes a new one when that is lost, and holds the
 * commands that wait for it. {@link ControllerState} has the states.
 *
 * <p>Thread safe. What changes the state is confined to {@link SerialTasks}.
 */
public final class ControllerRecovery {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerRecovery.class);

    private final AssociationParameters parameters;
    private final Recovery policy;
    private final Scheduler timer;
    private final RecoveryLog log;
    private final SerialTasks tasks;
    private final HeldCommands held;
    private final TakeOver takeOver;
    private final Reconnection reconnection;
    private final ControllerResets resets;
    private final ControllerMeasurement measurement;
    private final List<RecoveringQueues> selectors = new CopyOnWriteArrayList<>();
    private final Set<QueueListener> listeners = ConcurrentHashMap.newKeySet();
    private final Sinks.Many<ControllerState> states = Sinks.many().replay().latest();
    private final Sinks.One<Termination> ended = Sinks.one();
    private final Disposable.Swap failFast = Disposables.swap();
    private final Mono<Void> closing = Mono.defer(this::shutDown).cache();

    /** The latest association that was live. */
    private volatile Association association;

    private volatile ControllerState state;

    /** What is done with a new association before it is used. */
    private volatile Function<Association, Mono<Void>> preparation = next -> Mono.empty();

    private volatile boolean closed;

    // ---- the tasks' own

    private int generation = 1;

    /** Why commands and streams are refused for good. */
    private volatile @Nullable RuntimeException refusal;

    /** When the latest association that was lost was. */
    private long lostAt;

    /** How many have asked to hold commands back. */
    private int pauses;

    /** How the latest association that was lost has ended. */
    private Termination loss = new Termination.Closed(Termination.Side.LOCAL);

    private ControllerRecovery(
            AssociationParameters parameters, Recovery policy, @Nullable MetricsRecorder recorder, Association first) {
        this.parameters = parameters;
        this.policy = policy;
        this.timer = parameters.timer();
        this.log = new RecoveryLog(parameters.target(), timer);
        this.association = first;
        this.tasks = new SerialTasks(first.adminQueue());
        int queues = 1 + first.ioQueues().size();
        this.held = new HeldCommands(tasks, timer, first.failures(), parameters.commandTimeout(), (int)
                Math.min((long) queues * parameters.pendingCommands(), Integer.MAX_VALUE));
        this.takeOver = new TakeOver(
                policy, timer, tasks, held, () -> association, () -> state instanceof ControllerState.Resetting);
        Mono<Association> connect =
                Association.connect(parameters, Function.identity(), (Association next) -> preparation.apply(next));
        this.reconnection = new Reconnection(
                policy, Backoff.chance(parameters.hostNqn(), timer), connect, tasks, timer, new Progress());
        this.resets = new ControllerResets(this, tasks);
        this.measurement = new ControllerMeasurement(recorder);
        this.state = new ControllerState.Live(generation);
    }

    /**
     * A controller that is connected for the first time.
     *
     * @param recovery its owner
     * @param face what users get
     * @param <T> type of the face
     */
    private record Made<T>(ControllerRecovery recovery, T face) {}

    /**
     * Connects for the first time. Cold.
     *
     * @param parameters what to connect to, and how
     * @param policy what to do when an association is lost
     * @param recorder measures the controller, from the first association that is ready for commands; null for nobody
     * @param face makes what users get
     * @param preparation what is done with each new association before it is used; its failure is one to connect
     * @param <T> type of the face
     * @return the face of a controller with an association that is ready for commands
     */
    public static <T> Mono<T> connect(
            AssociationParameters parameters,
            Recovery policy,
            @Nullable MetricsRecorder recorder,
            Function<ControllerRecovery, T> face,
            BiFunction<T, Association, Mono<Void>> preparation) {
        Mono<T> once = Association.connect(
                        parameters,
                        first -> {
                            ControllerRecovery recovery = new ControllerRecovery(parameters, policy, recorder, first);
                            T result = face.apply(recovery);
                            recovery.preparation = next -> preparation.apply(result, next);
                            return new Made<>(recovery, result);
                        },
                        made -> made.recovery().preparation.apply(made.recovery().association))
                .doOnNext(made -> made.recovery().begin())
                .map(Made::face);
        return policy.patientConnect()
                ? once.retryWhen(new PatientConnect(policy, parameters.hostNqn(), parameters.timer()))
                : once;
    }

    /** From now on the association is looked after: before, its loss is a failure to connect. */
    private void begin() {
        measurement.begin(parameters, association);
        tasks.run(() -> tell(state));
        watch(association);
        Association first = association;
        first.termination().takeUntilOther(first.loss()).subscribe(end -> tasks.run(() -> abandoned(first)));
    }

    /** Whoever wanted the controller has gone while it was handed over, so nobody has closed it. */
    private void abandoned(Association first) {
        if (!closed && first == association) {
            measurement.state(new ControllerState.Closed());
        }
    }

    // ---- what there is

    /** {@return the association that there is, or that there was last} */
    public Association association() {
        return association;
    }

    /** {@return the state} */
    public ControllerState state() {
        return state;
    }

    /** {@return the states; hot, beginning with the latest, complete after a final one} */
    public Flux<ControllerState> states() {
        return states.asFlux();
    }

    /**
     * Counts an event that users are told of.
     *
     * @param event what has happened
     */
    public void told(NvmeEvent event) {
        measurement.event(event);
    }

    /** {@return whether commands are sent at once} */
    public boolean isLive() {
        return !closed && association.isLive();
    }

    /** Whether a lost association is made anew. */
    boolean recovers() {
        return policy.isEnabled();
    }

    /** {@return whether commands are taken, be it that they wait} */
    public boolean isOpen() {
        return !closed && refusal == null && (association.isLive() || takeOver.isOn());
    }

    /**
     * Does work without effect with the association that there is, and again with the next one where that is lost
     * meanwhile.
     *
     * @param work with admin commands; its first failure for a reason other than the loss is the end
     * @param <T> what it comes to
     * @return the same; an error when there is no association in time
     */
    public <T> Mono<T> withAssociation(Function<Association, Mono<T>> work) {
        return manyWithAssociation(now -> work.apply(now).flux()).next();
    }

    /**
     * Does work without effect that comes to several things, like {@link #withAssociation}.
     *
     * @param work done again where the association is lost meanwhile; leaves out then what it has come to before
     * @param <T> what it comes to
     * @return the same; an error when there is no association in time
     */
    public <T> Flux<T> manyWithAssociation(Function<Association, Flux<T>> work) {
        return live().thenMany(Flux.defer(() -> {
            Association used = association;
            return work.apply(used)
                    .onErrorResume(
                            failure -> takeOver.isOn() && TakeOver.isLoss(failure) && !used.isLive(),
                            lost -> manyWithAssociation(work));
        }));
    }

    /**
     * Waits for an association.
     *
     * @return completes at once if there is one; an error if there is none in time, or never will be
     */
    public Mono<Void> live() {
        return Mono.defer(() -> isLive() ? Mono.empty() : nextAssociation());
    }

    private Mono<Void> nextAssociation() {
        if (!isOpen()) {
            return Mono.error(this::closedFailure);
        }
        Mono<Void> next = states().filter(now -> isLive() || now.isFinal())
                .next()
                .flatMap(now -> now.isFinal() ? Mono.<Void>error(closedFailure()) : Mono.empty());
        Duration limit = parameters.commandTimeout();
        return limit.isZero()
                ? next
                : next.timeout(
                        limit,
                        Mono.error(() -> association
                                .failures()
                                .timeout("waiting for a connection", limit, CommandOutcome.NOT_SENT)),
                        timer);
    }

    /** {@return the exception for a command that comes too late} */
    public RuntimeException closedFailure() {
        RuntimeException why = refusal;
        return why == null ? association.closedFailure() : why;
    }

    /**
     * How the last association ended, once there will be no other. Hot and replayed.
     *
     * @return one value, after all queue pairs are closed; never an error
     */
    public Mono<Termination> termination() {
        return ended.asMono();
    }

    /**
     * Makes what chooses among some queues of whatever association there is.
     *
     * @param which at least one queue of an association
     * @return the selector
     */
    public QueueSelector queues(Function<Association, List<HostQueue>> which) {
        RecoveringQueues selector = new RecoveringQueues(this, takeOver, held, which, association, generation);
        selectors.add(selector);
        return selector;
    }

    @Nullable
    RuntimeException register(QueueListener listener) {
        listeners.add(listener);
        return refusal;
    }

    void deregister(QueueListener listener) {
        listeners.remove(listener);
    }

    // ---- the life of associations, in the tasks

    private void watch(Association current) {
        current.loss().subscribe(why -> tasks.run(() -> lost(current, why)));
    }

    private void lost(Association lost, Termination why) {
        if (lost != association || closed) {
            return;
        }
        loss = why;
        lostAt = timer.now(TimeUnit.NANOSECONDS);
        held.shut();
        long at = timer.now(TimeUnit.NANOSECONDS);
        lost.queuesEnded().subscribe(null, null, () -> tasks.run(() -> allHaveFailed(lost, why, at)));
    }

    /** No command of the lost association will be answered any more, and none of its memory reached. */
    private void allHaveFailed(Association lost, Termination why, long at) {
        if (closed) {
            return;
        }
        if (!policy.isEnabled()) {
            giveUp(lost, why);
            return;
        }
        if (!resets.isDisabled()) {
            QuiesceTime.of(policy, lost).ifPresent(time -> held.protect(lost.unanswered(), at + time.toNanos()));
        }
        policy.failFast().ifPresent(this::startFailFast);
        Throwable reason = resets.isUnderWay()
                ? null
                : lost.failures().terminated("the association", why, CommandOutcome.NOT_SENT);
        reconnection.start(reason);
    }

    private void startFailFast(Duration time) {
        try {
            failFast.update(timer.schedule(
                    () -> tasks.run(() -> {
                        if (!association.isLive() && !closed) {
                            takeOver.turn(false);
                            held.refuse(association.closedFailure());
                            tellListeners(association.closedFailure());
                        }
                    }),
                    time.toNanos(),
                    TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException disposed) {
            LOG.warn(
                    "[{}] commands do not fail fast, because the timer takes no tasks any more",
                    association.id(),
                    disposed);
        }
    }

    private void live(Association current) {
        if (closed) {
            current.close().subscribe();
            return;
        }
        failFast.update(Disposables.disposed());
        generation++;
        log.recovered(association, current, generation, lostAt);
        association = current;
        measurement.associated(current);
        takeOver.turn(policy.isEnabled());
        for (RecoveringQueues selector : selectors) {
            selector.use(current, generation);
        }
        watch(current);
        tell(new ControllerState.Live(generation));
        openUnlessPaused();
        resets.end(null);
    }

    private void giveUp(Association last, Termination why) {
        log.gaveUp(last, policy.isEnabled() ? lostAt : null);
        takeOver.turn(false);
        RuntimeException failure =
                last.failures().terminated("a stream with no command under way", why, CommandOutcome.NOT_SENT);
        refusal = last.closedFailure();
        held.refuse(last.closedFailure());
        tellListeners(failure);
        resets.end(last.closedFailure());
        last.termination().subscribe(end -> tasks.run(() -> end(new ControllerState.Lost(end), end)));
    }

    private void tellListeners(RuntimeException failure) {
        for (QueueListener listener : listeners) {
            listener.queueClosed(failure);
        }
    }

    private void end(ControllerState last, Termination how) {
        held.stop();
        tell(last);
        states.tryEmitComplete();
        ended.tryEmitValue(how);
    }

    private void tell(ControllerState next) {
        state = next;
        measurement.state(next);
        states.tryEmitNext(next);
    }

    /**
     * Holds commands back that have not been submitted to a queue.
     *
     * @param until completes when they may go again
     */
    public void pause(Mono<Void> until) {
        tasks.run(() -> {
            pauses++;
            held.shut();
        });
        until.subscribe(null, failure -> endPause(), this::endPause);
    }

    private void endPause() {
        tasks.run(() -> {
            pauses--;
            if (state instanceof ControllerState.Live && association.isLive()) {
                openUnlessPaused();
            }
        });
    }

    /** A reset begins: commands wait. */
    void resetting() {
        tell(new ControllerState.Resetting());
        held.shut();
    }

    /** There will be no reset: the association is what it was. */
    void notReset() {
        tell(new ControllerState.Live(generation));
        openUnlessPaused();
    }

    private void openUnlessPaused() {
        if (pauses == 0) {
            held.open();
        }
    }

    // ---- what users ask for

    /**
     * Closes for good, in order if there is an association. Idempotent; the work is done on the first subscription.
     *
     * @return completes when everything is closed, never an error
     */
    public Mono<Void> close() {
        return closing;
    }

    private Mono<Void> shutDown() {
        if (state.isFinal() || refusal != null) {
            return termination().then();
        }
        closed = true;
        takeOver.turn(false);
        Association last = association;
        Mono<Void> orderly = last.close();
        tasks.run(() -> {
            reconnection.stop();
            failFast.dispose();
            refusal = last.failures().closed(null);
            held.refuse(last.failures().closed(null));
            tellListeners(last.failures().closed(null));
            resets.end(last.failures().closed(null));
        });
        orderly.then(last.termination())
                .subscribe(how -> tasks.run(() -> {
                    refusal = last.closedFailure();
                    end(new ControllerState.Closed(), how);
                }));
        return termination().then();
    }

    /**
     * Resets the controller: disables it, so that it ends what it is doing, and makes a new association. Commands wait
     * meanwhile. Hot: done once for each subscription, whether it is cancelled or not.
     *
     * @param subsystem whether the whole subsystem is reset instead
     * @return completes when there is a new association; an error if there will be none
     */
    public Mono<Void> reset(boolean subsystem) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> done = Sinks.empty();
            tasks.run(() -> resets.begin(done, subsystem));
            return done.asMono();
        });
    }

    /** Turns what the attempts come to into states. */
    private final class Progress implements Reconnection.Progress {

        @Override
        public void waiting(int attempt, Duration delay, @Nullable Throwable reason) {
            log.waits(association, attempt, delay, reason);
            Instant next =
                    Instant.ofEpochMilli(timer.now(TimeUnit.MILLISECONDS)).plus(delay);
            tell(new ControllerState.Reconnecting(attempt, next, Optional.ofNullable(reason)));
        }

        @Override
        public void attempting(int attempt) {
            tell(new ControllerState.Connecting(attempt));
        }

        @Override
        public void connected(Association made) {
            live(made);
        }

        @Override
        public void gaveUp() {
            giveUp(association, loss);
        }
    }
}
