package io.nvmf.subsystem.engine;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.AsyncEvent;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.subsystem.TargetOptions;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ControllerQueuePairParameters;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.HostQueuePairParameters;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One queue of the controller: takes commands in, hands them to the handler of its kind, and sends the responses.
 * Everything happens on the queue pair's event loop unless a method says otherwise.
 *
 * <table>
 * <caption>States</caption>
 * <tr><th>From</th><th>To</th><th>When</th></tr>
 * <tr><td>CONNECTING</td><td>READY</td><td>Connect has succeeded; until the host has proved who it is, where it has to,
 * the handler takes only what is for that</td></tr>
 * <tr><td>CONNECTING, READY</td><td>DRAINING</td><td>the target closes, or the host sends Disconnect</td></tr>
 * <tr><td>any but ENDED</td><td>BROKEN</td><td>the host has broken a rule, or the stream of commands is
 * complete</td></tr>
 * <tr><td>any</td><td>ENDED</td><td>the queue pair has ended</td></tr>
 * </table>
 */
final class TargetQueue implements CoreSubscriber<ReceivedCommand> {

    private static final Logger LOG = LoggerFactory.getLogger(TargetQueue.class);

    private enum State {
        /** Waits for Connect. */
        CONNECTING,
        /** Takes commands. */
        READY,
        /** Asks for no more commands, and closes the connection when those it has are done. */
        DRAINING,
        /** Neither takes nor answers commands; the connection may still be there. */
        BROKEN,
        /** There is no connection any more. */
        ENDED
    }

    /** More make no sense then. */
    private static final int COMMANDS_BEFORE_AUTHENTICATION = 4;

    private final ControllerQueuePair queuePair;
    private final EventExecutor executor;
    private final TargetServer server;
    private final boolean strict;
    private final QueueCommands commands;
    private final CommandDemand demand;
    private final CompletionSender completions;
    private final QueueMemory memory;
    private final StoreCalls calls = new StoreCalls();
    private final WaitingCommands waiting = new WaitingCommands();
    private final Duration connectTimeout;
    private final Disposable connectDeadline;
    private final Sinks.Empty<Void> done = Sinks.empty();

    private State state = State.CONNECTING;
    private CommandHandler handler;
    private volatile @Nullable Controller controller;
    private int queueId;
    private int entries;

    /** Where hosts have to prove who they are. */
    private @Nullable QueueAuthentication authentication;

    /** Whether the queue has become one of its controller. */
    private boolean admitted;

    /** A transfer was stopped by the end of the connection, and so was its command. */
    private boolean interrupted;

    /** A command has come since {@link #takeTraffic()} last asked; the only state that other threads see. */
    private volatile boolean traffic;

    TargetQueue(ControllerQueuePair queuePair, TargetServer server) {
        this.queuePair = queuePair;
        this.executor = queuePair.executor();
        this.server = server;
        this.handler = new ConnectHandler(this, server);
        this.strict = server.limits().strict();
        this.commands = new QueueCommands(executor);
        this.demand = new CommandDemand(queuePair);
        this.completions = new CompletionSender(queuePair);
        TargetOptions limits = server.limits();
        this.memory = new QueueMemory(executor, limits, server.memory());
        memory.accountFor(queuePair);
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
        if (!admitted) {
            LOG.debug("no Connect, or no proof, from {} within {}, closing", queuePair.remoteAddress(), connectTimeout);
            close();
        }
    }

    @Override
    public void onSubscribe(Subscription s) {
        demand.start(s);
    }

    @Override
    public void onNext(ReceivedCommand command) {
        if (ended()) {
            command.release();
            return;
        }
        if (!traffic) {
            traffic = true;
        }
        if (commands.areAtLimit()) {
            command.release();
            fail("more than " + commands.limit() + " commands outstanding");
            return;
        }
        SubmissionQueueEntry entry = command.entry();
        int commandId = entry.commandId();
        if (!commands.identify(commandId) && !takesOver(commandId)) {
            refusedIfConnect(entry, TargetStatus.COMMAND_ID_CONFLICT);
            command.release();
            completions.send(commandId, TargetStatus.COMMAND_ID_CONFLICT.raw(), 0, 0);
            demand.commandEnded();
            return;
        }
        commands.begin();
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
            LOG.error("{}: command {} could not be handled", this, commandId, e);
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
                && commands.identify(commandId);
    }

    @Override
    public void onError(Throwable failure) {
        onComplete();
    }

    @Override
    public void onComplete() {
        breakOff();
    }

    void breakOff() {
        demand.stop();
        if (state != State.ENDED) {
            state = State.BROKEN;
        }
    }

    private void terminated(Termination reason) {
        demand.stop();
        state = State.ENDED;
        connectDeadline.dispose();
        memory.end();
        tellOwner(reason);
        QueueAuthentication proof = authentication;
        if (proof != null) {
            proof.end();
        }
        doneIfIdle();
    }

    /** A connection that has not become a queue of a controller is no loss to it. */
    private void tellOwner(Termination reason) {
        Controller owner = controller;
        if (owner == null || !admitted && queueId != 0) {
            return;
        }
        QueueAuthentication proof = authentication;
        if (proof != null && proof.endsAssociation()) {
            owner.execute(() -> owner.fail("the host did not prove once more who it is"));
        }
        boolean busy = interrupted || commands.areUnderWay();
        owner.execute(() -> owner.queueEnded(this, reason, busy));
    }

    /**
     * Becomes the queue that Connect asked for, and answers the Connect.
     *
     * @param proof what the host has to do, or may do, to prove who it is; null for nothing
     */
    void connected(
            Controller owner,
            ConnectCommand connect,
            int commandId,
            ConnectResponse response,
            @Nullable QueueAuthentication proof,
            CommandHandler commandHandler) {
        controller = owner;
        queueId = connect.queueId();
        handler = commandHandler;
        authentication = proof;
        boolean admin = queueId == 0;
        queuePair.configure(new ControllerQueuePairParameters(
                admin,
                connect.entries(),
                !connect.sqFlowControlDisabled(),
                admin
                        ? HostQueuePairParameters.ADMIN_IN_CAPSULE_DATA
                        : owner.limits().inCapsuleData()));
        commands.end(commandId);
        completions.connected(connect, commandId, response.encode());
        entries = connect.entries();
        if (response.authenticationRequired()) {
            limit(Math.min(entries, COMMANDS_BEFORE_AUTHENTICATION));
        } else {
            admitted(commandHandler);
        }
        if (state == State.CONNECTING) {
            state = State.READY;
        }
    }

    /** Takes commands from now on. */
    void admitted(CommandHandler commandHandler) {
        admitted = true;
        handler = commandHandler;
        connectDeadline.dispose();
        server.admitted(queuePair);
        limit(entries + (queueId == 0 ? EventRequests.LIMIT : 0));
    }

    private void limit(int limit) {
        commands.limit(limit);
        demand.limit(limit);
    }

    /** Deals otherwise with the commands that come from now on. */
    void handler(CommandHandler commandHandler) {
        handler = commandHandler;
    }

    /** Null where nobody has to prove who they are. */
    @Nullable
    QueueAuthentication authentication() {
        return authentication;
    }

    /** Takes an Authentication Send or Receive on a queue that is in use. */
    void authenticate(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        QueueAuthentication known = authentication;
        if (known == null) {
            complete(command, commandId, TargetStatus.INVALID_OPCODE);
        } else {
            known.handle(command, entry, commandId);
        }
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
        switch (state) {
            case CONNECTING, READY -> {
                completions.send(commandId, status.raw(), dw0, dw1);
                finished(commandId);
            }
            case DRAINING -> completeLast(commandId, status.raw(), dw0, dw1);
            case BROKEN, ENDED -> finished(commandId);
        }
    }

    /** The connection may be closed next, so the response has to be out before the command counts as finished. */
    private void completeLast(int commandId, int status, int dw0, int dw1) {
        Runnable finish = () -> execute(() -> finished(commandId));
        completions.transmit(commandId, status, dw0, dw1).subscribe(nothing -> {}, failure -> finish.run(), finish);
    }

    /** Ends a Disconnect: the connection is closed when its response has left. */
    void completeDisconnect(int commandId) {
        stopTaking();
        complete(commandId, Status.SUCCESS);
    }

    /** Ends a command whose success went with its last data. */
    void completeSilently(int commandId) {
        finished(commandId);
    }

    /** A command waits for an event and not for work, as an Asynchronous Event Request does. */
    void hold() {
        commands.hold();
    }

    /** Answers a held command, or lets go of it without an answer: its place in the queue is free either way. */
    void unhold(int commandId, @Nullable Status status) {
        commands.unhold();
        if (status == null) {
            completions.skip();
            finished(commandId);
        } else {
            complete(commandId, status);
        }
    }

    /** Answers a held command with the event that it waited for. */
    void unhold(int commandId, AsyncEvent event) {
        commands.unhold();
        complete(commandId, Status.SUCCESS, event.encode(), event.specific());
    }

    /**
     * Ends a command that waits, because the host asks for it.
     *
     * @return false if there is none of that identifier, or a store is at work for it
     */
    boolean abort(int commandId) {
        return waiting.abort(commandId, TargetStatus.ABORT_REQUESTED);
    }

    private void finished(int commandId) {
        commands.end(commandId);
        switch (state) {
            case CONNECTING, READY -> demand.commandEnded();
            case DRAINING -> closeIfIdle();
            case BROKEN -> {}
            case ENDED -> doneIfIdle();
        }
    }

    /** The end of the connection has stopped a transfer, and so a command. */
    void interrupted() {
        interrupted = true;
    }

    /** The host broke a rule that no status is for: ends the association. */
    void fail(String reason) {
        LOG.warn("{}: {}", this, reason);
        breakOff();
        Controller owner = controller;
        if (owner == null || !admitted) {
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
     * Takes and answers no more commands, lets go of those that wait, and closes the connection. Any thread.
     *
     * @param stopped runs on the event loop when that is done
     * @param quiet runs on the event loop when no store is at work any more, before {@code stopped} if none is
     */
    void stop(Runnable stopped, Runnable quiet) {
        execute(() -> {
            breakOff();
            calls.awaitNone(quiet);
            stopped.run();
            close();
        });
    }

    /** The controller that this queue is, or was, of; null before Connect. Any thread. */
    @Nullable
    Controller controller() {
        return controller;
    }

    /**
     * Takes no more commands and closes when those it has are done; any thread.
     *
     * @param ioOnly leaves a queue alone that is not an I/O queue
     * @return completes when done
     */
    Mono<Void> drain(boolean ioOnly) {
        return Mono.create(sink -> execute(() -> {
            if (ioOnly && queueId == 0) {
                sink.success();
                return;
            }
            stopTaking();
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
        return commands.idle();
    }

    /** Takes no more commands, and closes the connection when those it has are answered. */
    void drainAndClose() {
        stopTaking();
        closeIfIdle();
    }

    private void stopTaking() {
        demand.stop();
        if (state == State.CONNECTING || state == State.READY) {
            state = State.DRAINING;
        }
    }

    private void closeIfIdle() {
        if (!commands.areUnderWay()) {
            // Not in this turn of the loop: what was sent in it leaves at its end.
            queuePair.writable().subscribe(nothing -> {}, failure -> {}, () -> executor.execute(this::close));
        }
    }

    private void doneIfIdle() {
        if (state == State.ENDED && !commands.areUnderWay()) {
            done.tryEmitEmpty();
        }
    }

    /** Completes when the connection has ended and nothing of it is under way in a store. */
    Mono<Void> done() {
        return done.asMono();
    }

    /** What stores have been asked and have not answered, in words. */
    List<String> describeStuck() {
        return calls.describe().stream().map(call -> call + " for " + this).toList();
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

    /** Whether commands are neither taken nor answered any more. */
    boolean ended() {
        return state == State.BROKEN || state == State.ENDED;
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

    /** What the data of this connection may take. */
    QueueMemory memory() {
        return memory;
    }

    StoreCalls calls() {
        return calls;
    }

    /** Those of its commands that wait. */
    WaitingCommands waiting() {
        return waiting;
    }

    @Override
    public String toString() {
        return "queue " + queueId + " of " + controller;
    }
}
