package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.metrics.QueueMetrics;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * One queue of the host: the command slots of one queue pair, who may use them, and when a command is done.
 *
 * <p>A command is done when its response and the end of its data transfer are both in. Commands that find no free slot
 * wait in one list, first come first served, whether they come singly or from a stream. A command that nobody waits for
 * any more is an <em>orphan</em>: Abort is requested once, and its buffer and identifier become free only with its
 * response.
 *
 * <p>The time of a command begins with its submission and runs while it waits for a slot. A command that is not done
 * within the command timeout fails: one that waits is taken from the list, one that was sent becomes an orphan; if its
 * response is still missing after another period, the queue pair is closed. A response that answers no outstanding
 * command closes it at once.
 *
 * <p><b>Threads.</b> All state is confined to the event loop of the queue pair; publishers signal there. The exception
 * is a command of which nothing was or will be sent: its subscriber may be told at once, on its own thread.
 */
public final class HostQueue implements RequestPlace {

    /** Longer than anybody waits, and short enough for the arithmetic of every scheduler. */
    public static final Duration LONGEST_TIME = Duration.ofDays(365);

    private final HostQueuePair queuePair;
    private final EventExecutor executor;
    private final QueueParameters parameters;
    private final Failures failures;
    private final QueueEnding ending;
    private final QueueSelector itself = QueueSelector.roundRobin(List.of(this));

    /** What has a slot. */
    private final OutstandingCommands outstanding;

    /** What waits for a slot. */
    private final SlotWaiters waiters;

    /** What is on its way there, from any thread. */
    private final RequestSubmission submission;

    /** Whether anything is taken at all. */
    private final QueueClosing closing;

    private HostQueue(HostQueuePair queuePair, QueueParameters parameters, Failures failures, QueueEnding ending) {
        this.ending = ending;
        this.queuePair = queuePair;
        this.executor = queuePair.executor();
        this.parameters = parameters;
        this.failures = failures;
        this.outstanding = new OutstandingCommands(
                queuePair, parameters, failures, this::serveWaiters, this::scanned, this::hasWaiters, ending);
        this.waiters = new SlotWaiters(outstanding, parameters.pendingLimit());
        this.closing = new QueueClosing(failures);
        this.submission = new RequestSubmission(executor, parameters, failures, outstanding, waiters, closing);
    }

    /**
     * Takes over a queue pair: subscribes to its responses and its termination on its event loop.
     *
     * @param queuePair connected and not yet used
     * @param parameters sizes, limits and time
     * @param failures makes the exceptions
     * @return the queue
     */
    public static HostQueue start(HostQueuePair queuePair, QueueParameters parameters, Failures failures) {
        return start(queuePair, parameters, failures, end -> {});
    }

    /**
     * Takes over a queue pair like {@link #start(HostQueuePair, QueueParameters, Failures)}.
     *
     * @param queuePair connected and not yet used
     * @param parameters sizes, limits and time
     * @param failures makes the exceptions
     * @param ending told on the event loop of the end
     * @return the queue
     */
    public static HostQueue start(
            HostQueuePair queuePair, QueueParameters parameters, Failures failures, QueueEnding ending) {
        HostQueue queue = new HostQueue(queuePair, parameters, failures, ending);
        if (queue.executor.inEventLoop()) {
            queue.subscribe();
        } else {
            queue.executor.execute(queue::subscribe);
        }
        return queue;
    }

    private void subscribe() {
        queuePair.responses().subscribe(new Responses());
        queuePair.termination().subscribe(this::ended);
    }

    /**
     * The queue identifier.
     *
     * @return 0 for the admin queue, 0..65,535
     */
    public int queueId() {
        return parameters.queueId();
    }

    /**
     * The queue pair below.
     *
     * @return the queue pair
     */
    public HostQueuePair queuePair() {
        return queuePair;
    }

    /**
     * How many commands may be outstanding, not counting long-running ones.
     *
     * @return {@code queueSize - 1 - reservedSlots}, at least 1
     */
    public int slots() {
        return parameters.slots();
    }

    /**
     * How the queue pair ended: the reason this queue closed it for, or what the queue pair says. Hot and replayed.
     *
     * @return one value, never an error; after all commands have been failed
     */
    public Mono<Termination> termination() {
        return closing.termination();
    }

    /**
     * How many commands the controller has answered so far; its growth shows that the controller is there. Any thread.
     *
     * @return number of responses
     */
    public long answeredCommands() {
        return outstanding.answered();
    }

    /**
     * How many commands have left so far; its growth shows the controller that this host is there. Any thread.
     *
     * @return number of command capsules
     */
    public long sentCommands() {
        return outstanding.sent();
    }

    /**
     * Measures this queue from now on. Commands that are under way are left out. Any thread.
     *
     * @param metrics called on the event loop of this queue
     */
    public void measure(QueueMetrics metrics) {
        EventLoopTasks.run(executor, () -> outstanding.measuring().measure(metrics));
    }

    /**
     * Traces single commands of users from now on. Commands that are under way are left out, and so are those that the
     * association depends on or that wait in the controller. Any thread.
     *
     * @param tracing asked on the event loop of this queue
     */
    public void trace(CommandTracing tracing) {
        EventLoopTasks.run(executor, () -> outstanding.measuring().trace(tracing));
    }

    /**
     * Refuses new commands from now on, with {@link Failures#closed}, and lets those finish that were submitted before;
     * of a stream of commands those that were sent. Listeners hear of it at once. Idempotent.
     *
     * @return completes when no command is outstanding any more or the queue pair has ended, never an error
     */
    public Mono<Void> drain() {
        return Mono.defer(() -> {
            EventLoopTasks.run(executor, () -> {
                submission.acceptAll();
                closing.drain();
                checkDrained();
            });
            return closing.drained();
        });
    }

    private void checkDrained() {
        closing.checkDrained(outstanding.isIdle() && waiters.isEmpty());
    }

    /**
     * Closes the queue pair. Idempotent; commands outstanding fail.
     *
     * @return completes when closed, never an error
     */
    public Mono<Void> close() {
        return queuePair.close();
    }

    /**
     * Runs one command. Cold: each subscription sends the command once, on first demand; data to send is consumed by
     * the first, and later ones fail.
     *
     * @param command what to send
     * @return the completion of a success, its data the subscriber's; else {@link Failures#status},
     *     {@link Failures#terminated}, {@link Failures#timeout} or {@link Failures#limit}
     */
    public Mono<Completion> execute(Command command) {
        return SingleCommand.of(itself, failures, command, false, Repetition.NEVER);
    }

    /**
     * Runs a command that the association itself depends on, see {@link Request#essential()}. Cold, as
     * {@link #execute}.
     *
     * @param command what to send
     * @return as of {@link #execute}
     */
    public Mono<Completion> executeEssential(Command command) {
        return SingleCommand.of(itself, failures, command, true, Repetition.NEVER);
    }

    /**
     * Runs one command on the queue that is there when it is dispatched, and again on another one where it may be. Cold,
     * as {@link #execute}.
     *
     * @param queues choose the queue, and take the command over when its queue fails it
     * @param failures makes the exceptions
     * @param command what to send
     * @param repetition when the command may be sent again
     * @return as of {@link #execute}
     */
    public static Mono<Completion> execute(
            QueueSelector queues, Failures failures, Command command, Repetition repetition) {
        return SingleCommand.of(queues, failures, command, false, repetition);
    }

    /**
     * Runs a task for a timer, on whose thread no code of users may run: on the event loop or, where that has shut
     * down, on one of Reactor's parallel threads. Any thread.
     *
     * @param task what to run there
     */
    @Override
    public void leaveTimer(Runnable task) {
        EventLoopTasks.wake(executor, new FromTimer(task));
    }

    private record FromTimer(Runnable task) implements EventLoopTasks.WakeUp {

        @Override
        public void run() {
            task.run();
        }

        @Override
        public void afterTheEnd() {
            Schedulers.parallel().schedule(task);
        }
    }

    /**
     * Runs a stream of commands, as many at a time as slots are free and completions are asked for; no more than that
     * is requested from upstream. Cold. Completions come in the order in which commands are done, with whatever status;
     * their data is the subscriber's. An error of upstream comes after the completions of what has been sent.
     * Cancelling drops what is unsent and aborts what is outstanding.
     *
     * @param commands signals on any thread; the context of the subscriber reaches it
     * @return completions, on the event loop; fails like {@link #execute(Command)} but for the status
     */
    public Flux<Completion> execute(Publisher<? extends Command> commands) {
        return CommandStream.of(this, commands);
    }

    /**
     * Submits a request: it is sent when a slot is free, after those that wait already. Any thread.
     *
     * @param request not submitted at present
     */
    public void submit(Request request) {
        submit(request, 0);
    }

    /**
     * Submits a request part of whose time is over, because it was submitted before. It waits behind those that have
     * waited for longer, all ticks of theirs counted. Any thread.
     *
     * @param request not submitted at present
     * @param usedTicks ticks of its time that are over, at least 0; see {@link #usedTicks} and {@link #ticks}. One that
     *     has none left fails with {@link Failures#timeout}
     */
    public void submit(Request request, int usedTicks) {
        if (!offer(request, usedTicks)) {
            RuntimeException full = pendingLimitPassed();
            EventLoopTasks.run(executor, () -> {
                request.since = outstanding.deadlines().now() - usedTicks;
                request.commandFailed(full, CommandOutcome.NOT_SENT);
            });
        }
    }

    /**
     * How much of its time a request has used, in ticks of which a command timeout has eight; what was over when it was
     * submitted is counted. The tick that was under way at its submission is not. On the event loop, within
     * {@link Request#completed}, {@link Request#failed} and {@link Request#dropped}.
     *
     * @param request last submitted to this queue
     * @return number of ticks, at least 0
     */
    public int usedTicks(Request request) {
        return Math.max(0, outstanding.deadlines().now() - request.since);
    }

    /**
     * The part of a command timeout that is left.
     *
     * @param timeout the whole
     * @param usedTicks what {@link #usedTicks} says
     * @return zero if nothing is left
     */
    public static Duration timeLeft(Duration timeout, int usedTicks) {
        int left = Math.max(0, DeadlineScan.TICKS_PER_TIMEOUT - usedTicks);
        return timeout.multipliedBy(left).dividedBy(DeadlineScan.TICKS_PER_TIMEOUT);
    }

    /**
     * How many ticks of this queue a time is, for a request that waits elsewhere. A part of a tick counts as one. Any
     * thread.
     *
     * @param time not negative
     * @return number of ticks; more than a command timeout has if that is what it is
     */
    public int ticks(Duration time) {
        return outstanding.deadlines().ticks(time);
    }

    /**
     * Cancels a request: if it has not left it is dropped, if it was sent it becomes an orphan, if it is done nothing
     * happens. Once the event loop knows, no call-back but {@link Request#dropped} follows. Until then
     * {@link Request#abandoned} keeps the command from leaving. Any thread.
     *
     * @param request submitted to this queue
     */
    @Override
    public void cancel(Request request) {
        if (executor.inEventLoop()) {
            cancelNow(request);
        } else {
            // Nobody else tells the queue, and whoever cancels is told of no failure.
            EventLoopTasks.wake(executor, () -> cancelNow(request));
        }
    }

    private void cancelNow(Request request) {
        if (submission.cancel(request)) {
            serveWaiters();
        }
    }

    /**
     * Fails a request whose time is over, as the queue does it for those that it {@linkplain Request#untimed times}: one
     * that waits was not sent, one that was sent becomes an orphan. Does nothing for one that is done. Any thread.
     *
     * @param request submitted to this queue
     * @param time how long it had
     */
    @Override
    public void timeOut(Request request, Duration time) {
        EventLoopTasks.run(executor, () -> {
            if (submission.timeOut(request, time)) {
                serveWaiters();
            }
        });
    }

    /**
     * Like {@link #submit}, but the caller reports a full inbox.
     *
     * @return false if the request was not taken
     */
    boolean offer(Request request) {
        return offer(request, 0);
    }

    private boolean offer(Request request, int usedTicks) {
        request.since = usedTicks;
        return submission.offer(request);
    }

    RuntimeException pendingLimitPassed() {
        return submission.pendingLimitPassed();
    }

    /** Sends a command of a stream, for which a slot is free. */
    void dispatch(CommandStreamSubscription stream, Command command) {
        outstanding.send(
                outstanding.acquire(false),
                stream,
                command,
                outstanding.deadlines().now(),
                null);
    }

    /** How many slots somebody may take who does not wait in the list. */
    int available() {
        return waiters.available();
    }

    /** Lets a stream wait for a slot. */
    void await(CommandStreamSubscription stream) {
        waiters.add(stream);
    }

    /** Takes a stream out of the waiting list. */
    void leave(CommandStreamSubscription stream) {
        waiters.remove(stream);
    }

    /** Takes a stream from everything that it has with this queue. */
    void forget(CommandStreamSubscription stream) {
        leave(stream);
        deregister(stream);
        outstanding.abandonAll(stream);
        serveWaiters();
    }

    /**
     * Adds a listener, until it is {@linkplain #deregister removed}. Event loop only.
     *
     * @param listener hears of the end of this queue even when it has no command outstanding
     * @return why the queue takes no commands any more, null if it does; the listener hears nothing then
     */
    public @Nullable RuntimeException register(QueueListener listener) {
        // Outside of the event loop only because there is none any more, so nothing can be sent.
        if (!closing.isOpen() || !executor.inEventLoop()) {
            return closing.reason();
        }
        closing.add(listener);
        return null;
    }

    /**
     * Removes a listener.
     *
     * @param listener hears nothing from now on
     */
    public void deregister(QueueListener listener) {
        if (executor.inEventLoop()) {
            closing.remove(listener);
        }
    }

    /**
     * The event loop that this queue lives on.
     *
     * @return the executor of its queue pair
     */
    public EventExecutor executor() {
        return executor;
    }

    /**
     * What times the deadlines of this queue. Its threads run no code of users.
     *
     * @return the timer
     */
    public Scheduler timer() {
        return parameters.timer();
    }

    Failures failures() {
        return failures;
    }

    private void serveWaiters() {
        if (waiters.serve(submission)) {
            checkDrained();
        }
    }

    private boolean hasWaiters() {
        return !waiters.isEmpty();
    }

    /** First those that are late, for whom a slot would come too late, then those that take the slots of others. */
    private void scanned() {
        submission.failLate();
        serveWaiters();
    }

    private void ended(Termination reported) {
        Termination end = outstanding.reason(reported);
        closing.ended(end);
        UserCallBacks.run(() -> ending.ending(end));
        outstanding.end(end);
        submission.failWaiting(end);
        closing.tell(failures.terminated("a stream with no command under way", end, CommandOutcome.NOT_SENT));
        submission.failInbox(end);
        checkDrained();
        closing.tellEnd(end);
    }

    /** Demand is unlimited: each response belongs to a command that was sent because somebody wants its completion. */
    private final class Responses implements CoreSubscriber<ResponseCapsule> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ResponseCapsule response) {
            outstanding.received(response);
        }

        @Override
        public void onError(Throwable error) {
            outstanding.closeFor(new Termination.IoFailure(error));
        }

        @Override
        public void onComplete() {
            // The termination follows and has the reason.
        }
    }
}
