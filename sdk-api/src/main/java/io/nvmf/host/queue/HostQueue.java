package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.HostQueuePair;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * The command slots of one queue pair: who may send, which identifiers are out, and when a command is done.
 *
 * <p>A command is done when its response and the end of its data transfer are both in. Commands beyond the free slots
 * wait in one list, first come first served, whether they come singly or from a stream. A command that nobody waits for
 * any more is an <em>orphan</em>: Abort is wished for once, and its buffer and identifier come back only with its
 * response.
 *
 * <p>A command that is not done within the command timeout fails and becomes an orphan; if its response is missing for
 * another period, the queue pair is closed. A response that answers no outstanding command closes it at once.
 *
 * <p><b>Threads.</b> All state is confined to the event loop of the queue pair; publishers signal there, except where a
 * subscriber is told at once, on its own thread, that nothing was or will be sent.
 */
public final class HostQueue {

    private final HostQueuePair queuePair;
    private final EventExecutor executor;
    private final QueueParameters parameters;
    private final Failures failures;
    private final Consumer<? super Termination> ending;
    private final SubmissionInbox inbox;
    private final OutstandingCommands outstanding;
    private final WaitingList waiters = new WaitingList();

    /** Served before the others. */
    private final WaitingList essentials = new WaitingList();

    private final Set<QueueListener> listeners = new LinkedHashSet<>();
    private final Sinks.One<Termination> terminated = Sinks.one();
    private final Sinks.Empty<Void> drained = Sinks.empty();
    private final Runnable drainTask = this::drainInbox;

    private boolean draining;
    private int pending;
    private boolean serving;
    private @Nullable Termination termination;

    private HostQueue(
            HostQueuePair queuePair,
            QueueParameters parameters,
            Failures failures,
            Consumer<? super Termination> ending) {
        this.ending = ending;
        this.queuePair = queuePair;
        this.executor = queuePair.executor();
        this.parameters = parameters;
        this.failures = failures;
        this.inbox = new SubmissionInbox(
                (int) Math.min((long) parameters.slots() + parameters.pendingLimit(), Integer.MAX_VALUE));
        this.outstanding = new OutstandingCommands(queuePair, parameters, failures, this::serveWaiters, ending);
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
     * @param ending told on the event loop how the queue pair ends, before the peer or the first command hears of it;
     *     once or twice
     * @return the queue
     */
    public static HostQueue start(
            HostQueuePair queuePair,
            QueueParameters parameters,
            Failures failures,
            Consumer<? super Termination> ending) {
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
        return terminated.asMono();
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
     * Refuses new commands from now on, with {@link Failures#closed}, and lets those finish that were submitted before;
     * of a stream of commands those that were sent. Listeners hear of it at once. Idempotent.
     *
     * @return completes when no command is outstanding any more or the queue pair has ended, never an error
     */
    public Mono<Void> drain() {
        return Mono.defer(() -> {
            EventLoopTasks.run(executor, () -> {
                drainInbox();
                draining = true;
                tellListeners(failures.closed(null));
                checkDrained();
            });
            return drained.asMono();
        });
    }

    private void checkDrained() {
        if (draining && (termination != null || (outstanding.isIdle() && !anybodyWaits()))) {
            drained.tryEmitEmpty();
        }
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
        return SingleCommand.of(this, command, false);
    }

    /**
     * Runs a command that the association itself depends on, see {@link Request#essential()}. Cold, as
     * {@link #execute}.
     *
     * @param command what to send
     * @return as of {@link #execute}
     */
    public Mono<Completion> executeEssential(Command command) {
        return SingleCommand.of(this, command, true);
    }

    /**
     * Leaves the thread of a timer, on which nothing of a user's may run: for the event loop or, where that has shut
     * down, for one of Reactor's parallel threads. Any thread.
     *
     * @param task what to run there
     */
    public void leaveTimer(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException loopGone) {
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
     * Submits a request: it is sent when a slot is free, behind those that wait already. Any thread.
     *
     * @param request not submitted at present
     */
    public void submit(Request request) {
        if (!offer(request)) {
            RuntimeException full = pendingLimitPassed();
            EventLoopTasks.run(executor, () -> request.commandFailed(full, CommandOutcome.NOT_SENT));
        }
    }

    /**
     * Cancels a request: if it has not left it is dropped, if it was sent it becomes an orphan, if it is done nothing
     * happens. No call-back but {@link Request#dropped} follows once the event loop knows. What must not leave although
     * the event loop does not know yet says so with {@link Request#abandoned}. Any thread.
     *
     * @param request submitted to this queue
     */
    public void cancel(Request request) {
        EventLoopTasks.run(executor, () -> cancelNow(request));
    }

    /**
     * Like {@link #submit}, but a full inbox is the caller's to report.
     *
     * @return false if the request was not taken
     */
    boolean offer(Request request) {
        if (executor.inEventLoop()) {
            accept(request);
            return true;
        }
        switch (inbox.offer(request)) {
            case FULL -> {
                return false;
            }
            case FIRST -> {
                try {
                    executor.execute(drainTask);
                } catch (RejectedExecutionException loopGone) {
                    refuseInbox();
                }
            }
            case BEHIND -> {}
        }
        return true;
    }

    RuntimeException pendingLimitPassed() {
        return failures.limit(
                "pending commands",
                (long) parameters.pendingLimit() + 1,
                parameters.pendingLimit(),
                "queue " + queueId() + " has " + slots() + " slots, all taken");
    }

    private void drainInbox() {
        Request request = inbox.takeAll();
        while (request != null) {
            Request following = (Request) request.next;
            request.next = null;
            accept(request);
            request = following;
        }
    }

    /** Without an event loop nothing can be sent, and nobody else would ever tell. */
    private void refuseInbox() {
        Request request = inbox.takeAll();
        while (request != null) {
            Request following = (Request) request.next;
            request.next = null;
            reject(request, failures.closed(Termination.Closed.EVENT_LOOP_GONE));
            request = following;
        }
    }

    private void accept(Request request) {
        if (request.abandoned()) {
            drop(request);
            return;
        }
        if (termination != null) {
            reject(request, failures.closed(termination));
            return;
        }
        if (draining) {
            reject(request, failures.closed(null));
            return;
        }
        request.queue = this;
        if (request.longRunning()) {
            if (outstanding.reservedAvailable() > 0) {
                dispatch(request);
            } else {
                int limit = parameters.reservedSlots();
                reject(request, failures.limit("long-running commands", limit + 1L, limit, "queue " + queueId()));
            }
        } else if (request.essential()) {
            if (essentials.isEmpty() && roomForEssential()) {
                dispatch(request);
            } else {
                essentials.add(request);
            }
        } else if (available() > 0) {
            dispatch(request);
        } else if (pending < parameters.pendingLimit()) {
            pending++;
            waiters.add(request);
        } else {
            reject(request, pendingLimitPassed());
        }
    }

    private void reject(SlotOwner user, RuntimeException failure) {
        CallBacks.run(() -> user.commandFailed(failure, CommandOutcome.NOT_SENT));
    }

    private void cancelNow(Request request) {
        drainInbox();
        Slot slot = request.slot;
        if (request.waiting) {
            if (request.essential()) {
                essentials.remove(request);
            } else {
                waiters.remove(request);
                pending--;
            }
            drop(request);
        } else if (slot != null) {
            request.slot = null;
            if (outstanding.abandon(slot)) {
                drop(request);
            } else {
                request.queue = null;
            }
            serveWaiters();
        }
    }

    private static void drop(Request request) {
        request.queue = null;
        CallBacks.run(request::dropped);
    }

    /** Sends a request for which a slot is free, unless nobody waits for it any more. */
    void dispatch(Request request) {
        if (request.abandoned()) {
            drop(request);
            return;
        }
        boolean reserved = request.longRunning() || (request.essential() && outstanding.reservedAvailable() > 1);
        Slot slot = outstanding.acquire(reserved);
        Command command;
        try {
            command = request.command();
        } catch (Throwable thrown) {
            outstanding.release(slot);
            reject(request, failures.refused(thrown));
            JvmFailures.throwIfJvmFailure(thrown);
            return;
        }
        request.slot = slot;
        outstanding.send(slot, request, command);
    }

    /** Sends a command of a stream, for which a slot is free. */
    void dispatch(CommandStreamSubscription stream, Command command) {
        outstanding.send(outstanding.acquire(false), stream, command);
    }

    /** How many slots somebody may take who does not wait in the list. */
    int available() {
        return anybodyWaits() ? 0 : outstanding.available();
    }

    private boolean anybodyWaits() {
        return !waiters.isEmpty() || !essentials.isEmpty();
    }

    /** The last reserved slot is for long-running commands: Keep Alive waits behind nobody. */
    private boolean roomForEssential() {
        return outstanding.reservedAvailable() > 1 || outstanding.available() > 0;
    }

    void await(CommandStreamSubscription stream) {
        waiters.add(stream);
    }

    /** Takes a stream out of the waiting list. */
    void leave(CommandStreamSubscription stream) {
        if (stream.waiting) {
            waiters.remove(stream);
        }
    }

    void forget(CommandStreamSubscription stream) {
        leave(stream);
        deregister(stream);
        outstanding.abandonAll(stream);
        serveWaiters();
    }

    /**
     * Notes a listener until it is {@linkplain #deregister removed}. Event loop only.
     *
     * @param listener hears of the end of this queue even when it has no command outstanding
     * @return why the queue takes no commands any more, null if it does; the listener hears nothing then
     */
    public @Nullable RuntimeException register(QueueListener listener) {
        // Outside of the event loop only because there is none any more, so nothing can be sent.
        if (termination != null || draining || !executor.inEventLoop()) {
            return failures.closed(termination);
        }
        listeners.add(listener);
        return null;
    }

    /**
     * Forgets a listener.
     *
     * @param listener hears nothing from now on
     */
    public void deregister(QueueListener listener) {
        if (executor.inEventLoop()) {
            listeners.remove(listener);
        }
    }

    private void tellListeners(RuntimeException failure) {
        for (QueueListener listener : List.copyOf(listeners)) {
            CallBacks.run(() -> listener.queueClosed(failure));
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

    Failures failures() {
        return failures;
    }

    private void serveWaiters() {
        if (serving) {
            return;
        }
        serving = true;
        try {
            serveAll();
        } finally {
            serving = false;
        }
        checkDrained();
    }

    private void serveAll() {
        while (true) {
            SlotOwner first = roomForEssential() ? essentials.poll() : null;
            if (first == null) {
                first = outstanding.available() > 0 ? waiters.poll() : null;
                if (first == null) {
                    return;
                }
                if (first instanceof Request) {
                    pending--;
                }
            }
            try {
                first.slotFree();
            } catch (Throwable thrown) {
                CallBacks.failed(thrown);
            }
        }
    }

    private void ended(Termination reported) {
        Termination end = outstanding.reason(reported);
        termination = end;
        CallBacks.run(() -> ending.accept(end));
        outstanding.end(end);
        for (SlotOwner user = essentials.poll(); user != null; user = essentials.poll()) {
            failUnsent(user, end);
        }
        for (SlotOwner user = waiters.poll(); user != null; user = waiters.poll()) {
            if (user instanceof Request) {
                failUnsent(user, end);
            }
        }
        pending = 0;
        tellListeners(failures.terminated("a stream with no command under way", end, CommandOutcome.NOT_SENT));
        for (Request request = inbox.takeAll(); request != null; ) {
            Request following = (Request) request.next;
            request.next = null;
            failUnsent(request, end);
            request = following;
        }
        checkDrained();
        terminated.tryEmitValue(end);
    }

    private void failUnsent(SlotOwner user, Termination end) {
        reject(user, failures.terminated("a command that waited for a slot", end, CommandOutcome.NOT_SENT));
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
