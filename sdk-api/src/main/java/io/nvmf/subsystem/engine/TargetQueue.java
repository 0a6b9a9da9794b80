package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.CompletionQueueEntry;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;

/**
 * One queue of the controller: takes commands in, keeps track of their identifiers and number, hands them to the handler of its
 * kind, and sends the responses. Everything happens on the queue pair's event loop unless a method says otherwise.
 *
 * <p>The demand for commands is what a rightful host can have outstanding and one more, so that the one too many is seen, and
 * what is renewed at once; so a rightful host's commands never wait for demand, with data behind them that others need. It is
 * renewed only while the connection takes responses, so that a host that does not read them cannot pile them up here.
 */
final class TargetQueue implements CoreSubscriber<ReceivedCommand> {

    private static final Logger LOG = LoggerFactory.getLogger(TargetQueue.class);

    private final ControllerQueuePair queuePair;
    private final EventExecutor executor;
    private final CommandIds commandIds = new CommandIds();
    private final TransferBudget budget;
    private final TransferBudget inCapsule;
    private final StoreCalls calls = new StoreCalls();
    private final boolean accounted;
    private final TargetServer server;
    private final Duration connectTimeout;
    private final Sinks.Empty<Void> done = Sinks.empty();
    private final Disposable connectDeadline;
    private final boolean strict;

    private CommandHandler handler;
    private @Nullable Subscription subscription;
    private @Nullable Controller controller;
    private int queueId;
    private int outstanding;
    private int held;
    private int limit = 1;
    private int refill = 1;
    private int answered;
    private int sqEntries;
    private int sqHead;
    private boolean sqFlowControl;
    private @Nullable List<MonoSink<Void>> awaitingIdle;
    private boolean draining;
    private boolean interrupted;
    private boolean ended;
    private @Nullable Termination termination;

    /** A command has come since {@link #takeTraffic()} last asked; the only state that other threads see. */
    private volatile boolean traffic;

    TargetQueue(ControllerQueuePair queuePair, TargetServer server) {
        this.queuePair = queuePair;
        this.executor = queuePair.executor();
        this.server = server;
        this.handler = new ConnectHandler(this, server);
        this.strict = server.limits().strict();
        TargetOptions limits = server.limits();
        this.budget = new TransferBudget(executor, limits.queueMemory(), server.memory());
        this.inCapsule = new TransferBudget(executor, limits.inCapsuleMemory(), server.memory());
        this.accounted = queuePair.account(new QueueAccount(budget, inCapsule));
        this.connectTimeout = limits.connectTimeout();
        this.connectDeadline = server.timer()
                .schedule(() -> execute(this::closeUnconnected), connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** On the event loop, as soon as the connection is there. */
    void start() {
        queuePair.termination().subscribe(this::terminated);
        queuePair.commands().subscribe(this);
    }

    private void closeUnconnected() {
        if (controller == null) {
            LOG.debug("no Connect within {}, closing", connectTimeout);
            close();
        }
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
        s.request(1);
    }

    @Override
    public void onNext(ReceivedCommand command) {
        if (ended) {
            command.release();
            return;
        }
        if (!traffic) {
            traffic = true;
        }
        if (outstanding == limit) {
            command.release();
            fail("more than " + limit + " commands outstanding");
            return;
        }
        SubmissionQueueEntry entry = command.entry();
        int commandId = entry.commandId();
        if (!commandIds.add(commandId) && !takesOver(commandId)) {
            refusedIfConnect(entry, TargetStatus.COMMAND_ID_CONFLICT);
            command.release();
            respond(commandId, TargetStatus.COMMAND_ID_CONFLICT.raw(), 0, 0);
            renewDemand();
            return;
        }
        outstanding++;
        Status status = command.validate(strict);
        if (status.isSuccess() && entry.fuse() != SubmissionQueueEntry.FUSE_NORMAL) {
            status = TargetStatus.INVALID_FIELD; // there are no fused commands here, Fabrics commands included
        }
        if (!status.isSuccess()) {
            refusedIfConnect(entry, status);
            complete(command, commandId, status);
            return;
        }
        try {
            handler.handle(command, entry, commandId);
        } catch (Throwable e) { // an error, too, is the end of this association and of no other
            LOG.error("queue {} of {}: command {} could not be handled", queueId, controller, commandId, e);
            command.release();
            finished(commandId);
            fail("internal error: " + e);
        }
    }

    /** A Connect whose data nobody looks at is refused like others, and leaves the line that others do. */
    void refusedIfConnect(SubmissionQueueEntry entry, Status status) {
        if (entry.opcode() == FabricsCommandType.FABRICS_OPCODE
                && entry.fabricsCommandType() == FabricsCommandType.CONNECT) {
            refused(ConnectCommand.decode(entry.buffer(), entry.index()), null, ConnectRefusal.of(status));
        }
    }

    /**
     * Notes a Connect that is refused.
     *
     * @param data what the host says of itself, null if it was not looked at
     */
    void refused(ConnectCommand connect, @Nullable ConnectData data, ConnectRefusal refusal) {
        Controller owner = controller;
        ConnectData host = data == null && owner != null ? owner.host() : data;
        server.refusals().log(host, owner != null, queuePair.remoteAddress(), connect.queueId(), refusal);
    }

    /** Whether an identifier in use is that of an Asynchronous Event Request which the host no longer has. */
    private boolean takesOver(int commandId) {
        Controller owner = controller;
        return !strict
                && queueId == 0
                && owner != null
                && owner.events().givenUp(commandId)
                && commandIds.add(commandId);
    }

    @Override
    public void onError(Throwable failure) {
        onComplete();
    }

    @Override
    public void onComplete() {
        ended = true;
    }

    private void terminated(Termination reason) {
        ended = true;
        termination = reason;
        connectDeadline.dispose();
        budget.end();
        inCapsule.end();
        Controller owner = controller;
        if (owner != null) {
            boolean busy = interrupted || outstanding > held;
            owner.execute(() -> owner.queueEnded(this, reason, busy));
        }
        doneIfIdle();
    }

    /** Becomes the queue that Connect asked for, and answers the Connect. */
    void connected(Controller owner, ConnectCommand connect, int commandId, CommandHandler commands) {
        controller = owner;
        server.admitted(queuePair);
        queueId = connect.queueId();
        handler = commands;
        sqEntries = connect.entries();
        sqFlowControl = !connect.sqFlowControlDisabled();
        limit = sqEntries + (queueId == 0 ? EventRequests.LIMIT : 0);
        refill = (limit + 1) / 2;
        connectDeadline.dispose();
        int inCapsule = queueId == 0
                ? HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA
                : owner.limits().inCapsuleData();
        queuePair.configure(new ControllerQueuePairParameters(queueId == 0, sqEntries, sqFlowControl, inCapsule));
        outstanding--;
        commandIds.remove(commandId);
        int head = sqFlowControl ? nextSqHead() : CompletionQueueEntry.SQHD_FLOW_CONTROL_DISABLED;
        queuePair.submit(ResponseCapsule.of(commandId, 0, owner.id(), 0, head));
        demand(limit + 1 + refill);
    }

    /** Ends a command that moves no data, or no more, with a status and no result; releases it. */
    void complete(ReceivedCommand command, int commandId, Status status) {
        command.release();
        complete(commandId, status);
    }

    /** Ends a command with a status and no result. */
    void complete(int commandId, Status status) {
        complete(commandId, status, 0, 0);
    }

    /** Ends a command with a response capsule. */
    void complete(int commandId, Status status, int dw0, int dw1) {
        if (ended) {
            finished(commandId);
        } else if (draining) {
            completeLast(commandId, status.raw(), dw0, dw1);
        } else {
            respond(commandId, status.raw(), dw0, dw1);
            finished(commandId);
        }
    }

    /** The connection may be closed next, so the response has to be out before the command counts as finished. */
    private void completeLast(int commandId, int status, int dw0, int dw1) {
        Runnable finish = () -> execute(() -> finished(commandId));
        queuePair
                .transmit(response(commandId, status, dw0, dw1))
                .subscribe(nothing -> {}, failure -> finish.run(), finish);
    }

    /** Ends a Disconnect: the connection is closed when its response has left. */
    void completeDisconnect(int commandId) {
        draining = true;
        complete(commandId, Status.SUCCESS);
    }

    /** Ends a command whose success went with its last data. */
    void completeSilently(int commandId) {
        finished(commandId);
    }

    /** Data of a command has been given to the connection; its memory comes back when it has left. */
    void handedOver(int bytes) {
        if (!accounted) {
            budget.give(bytes);
        }
    }

    /** A command that waits for an event and not for work, as an Asynchronous Event Request does. */
    void hold() {
        held++;
    }

    /** Answers a held command, or lets go of it without an answer: its place in the queue is free either way. */
    void unhold(int commandId, @Nullable Status status) {
        held--;
        if (status == null) {
            if (sqFlowControl) {
                nextSqHead();
            }
            finished(commandId);
        } else {
            complete(commandId, status);
        }
    }

    /** Answers a held command with the event that it waited for. */
    void unhold(int commandId, AsyncEvent event) {
        held--;
        complete(commandId, Status.SUCCESS, event.encode(), event.specific());
    }

    private void finished(int commandId) {
        commandIds.remove(commandId);
        outstanding--;
        if (awaitingIdle != null && outstanding == held) {
            becomeIdle();
        }
        if (ended) {
            doneIfIdle();
        } else if (draining) {
            closeIfIdle();
        } else {
            renewDemand();
        }
    }

    private void respond(int commandId, int status, int dw0, int dw1) {
        queuePair.submit(response(commandId, status, dw0, dw1));
    }

    private ResponseCapsule response(int commandId, int status, int dw0, int dw1) {
        return ResponseCapsule.of(commandId, status, dw0, dw1, sqFlowControl ? nextSqHead() : 0);
    }

    private int nextSqHead() {
        sqHead = sqHead + 1 == sqEntries ? 0 : sqHead + 1;
        return sqHead;
    }

    private void renewDemand() {
        answered++;
        if (answered < refill) {
            return;
        }
        int more = answered;
        answered = 0;
        renewDemand(more);
    }

    private void renewDemand(int more) {
        Mono<Void> writable = queuePair.writable();
        if (writable instanceof Callable) {
            demand(more);
        } else {
            writable.subscribe(nothing -> {}, failure -> {}, () -> execute(() -> renewDemand(more)));
        }
    }

    private void demand(int more) {
        Subscription s = subscription;
        if (s != null && !draining) {
            s.request(more);
        }
    }

    /** The end of the connection has stopped a transfer, and so a command. */
    void interrupted() {
        interrupted = true;
    }

    /** The host broke a rule that no status is for: ends the association. */
    void fail(String reason) {
        LOG.warn("queue {} of {}: {}", queueId, controller, reason);
        ended = true;
        Controller owner = controller;
        if (owner == null) {
            close();
        } else {
            owner.execute(() -> owner.fail(reason));
        }
    }

    /** Closes the connection; any thread. */
    void close() {
        queuePair.close().subscribe();
    }

    /**
     * Takes no more commands and closes when those it has are done; any thread.
     *
     * @param ioOnly leaves a queue alone that is no I/O queue
     * @return completes when done
     */
    Mono<Void> drain(boolean ioOnly) {
        return Mono.create(sink -> execute(() -> {
            if (ioOnly && queueId == 0) {
                sink.success();
                return;
            }
            draining = true;
            closeIfIdle();
            done().subscribe(nothing -> {}, sink::error, sink::success);
        }));
    }

    /**
     * Waits for the commands that are under way; event requests are not. Any thread.
     *
     * @return completes on the event loop when none is, which lasts as long as none comes
     */
    Mono<Void> idle() {
        return Mono.create(sink -> execute(() -> awaitIdle(sink)));
    }

    private void awaitIdle(MonoSink<Void> sink) {
        if (outstanding == held) {
            sink.success();
            return;
        }
        List<MonoSink<Void>> waiting = awaitingIdle;
        if (waiting == null) {
            waiting = new ArrayList<>(1);
            awaitingIdle = waiting;
        }
        waiting.add(sink);
        List<MonoSink<Void>> all = waiting;
        sink.onCancel(() -> execute(() -> all.remove(sink)));
    }

    private void becomeIdle() {
        List<MonoSink<Void>> waiting = awaitingIdle;
        awaitingIdle = null;
        if (waiting != null) {
            List.copyOf(waiting).forEach(MonoSink::success);
        }
    }

    private void closeIfIdle() {
        if (outstanding == held) {
            // Not in this turn of the loop: what was sent in it leaves at its end.
            queuePair.writable().subscribe(nothing -> {}, failure -> {}, () -> executor.execute(this::close));
        }
    }

    private void doneIfIdle() {
        if (termination != null && outstanding == held) {
            done.tryEmitEmpty();
        }
    }

    /** Completes when the connection has ended and nothing of it is under way in a store. */
    Mono<Void> done() {
        return done.asMono();
    }

    /** What stores have been asked and have not answered, in words. */
    List<String> describeStuck() {
        return calls.describe().stream()
                .map(call -> call + " for queue " + queueId + " of " + controller)
                .toList();
    }

    /** Whether commands have come since the last call; any thread, but one at a time. */
    boolean takeTraffic() {
        if (!traffic) {
            return false;
        }
        traffic = false;
        return true;
    }

    /** Runs a task on the event loop; any thread. */
    void execute(Runnable task) {
        EventLoopTasks.run(executor, task);
    }

    boolean ended() {
        return ended;
    }

    int queueId() {
        return queueId;
    }

    EventExecutor executor() {
        return executor;
    }

    ControllerQueuePair queuePair() {
        return queuePair;
    }

    /** Of data both ways outside of capsules. */
    TransferBudget budget() {
        return budget;
    }

    StoreCalls calls() {
        return calls;
    }
}
