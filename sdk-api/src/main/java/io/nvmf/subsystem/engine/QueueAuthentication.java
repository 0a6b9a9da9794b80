package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.spec.auth.AuthenticationCommand;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.subsystem.engine.auth.AuthenticationPeer;
import io.nvmf.subsystem.engine.auth.HostAuthentication;
import io.nvmf.subsystem.engine.auth.HostAuthenticator;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.TransportAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * The authentications of a queue, one at a time: the one that lets it take commands, and those that the host begins
 * later. A command is answered when all is computed that its message asks for. No second one makes sense before that, so
 * it is out of sequence. Event loop of the queue only.
 *
 * <p>When one has failed, the queue takes nothing any more but the Authentication Receive that fetches the reason, and
 * the connection is closed when that is answered or {@link #FETCH_TIMEOUT} is over. A later one that fails takes the
 * association along.
 */
final class QueueAuthentication {

    /** Most bytes of a message, and of a buffer for one. */
    static final int MOST = 2 * AuthenticationMessage.BUFFER_LENGTH;

    /** How long the reason of a failure can be fetched. */
    static final Duration FETCH_TIMEOUT = Duration.ofSeconds(2);

    private final TargetQueue queue;
    private final TargetServer server;
    private final HostAuthenticator authenticator;
    private final ConnectData host;
    private final AuthenticationPeer peer;
    private final List<SecureChannel> channels;
    private final Outcome outcome;

    private @Nullable HostAuthentication transaction;
    private @Nullable Step step;

    /** One has succeeded. */
    private boolean established;

    /** There is no other one, because the last has failed or cannot be followed by one. */
    private boolean last;

    private boolean failed;

    /** Of a later transaction, or of the reason of a failure; the first one has that of Connect. */
    private Disposable deadline = Disposables.disposed();

    /** What comes of an authentication that has succeeded. */
    interface Outcome {

        /**
         * The host has proved who it is, and is told when this has been answered.
         *
         * @param transaction which has been successful; its key may be taken
         * @param first whether the queue was without authentication before
         * @param then is called on the event loop, unless the connection has ended
         */
        void authenticated(HostAuthentication transaction, boolean first, Consumer<Admission> then);
    }

    /** Whether a host that has proved who it is may go on. */
    enum Admission {
        /** The queue takes commands. */
        ADMITTED,
        /** All that this connection was for has been done. */
        SPENT,
        /** What it has connected to is not to be had any more. */
        REFUSED
    }

    /** A command that something is computed for. */
    private static final class Step {

        private final int commandId;
        private final @Nullable ReceivedCommand command;

        /** Null while the message is on its way, which ends by itself. */
        private @Nullable Disposable work;

        Step(int commandId, @Nullable ReceivedCommand command) {
            this.commandId = commandId;
            this.command = command;
        }
    }

    /**
     * Nothing begins yet.
     *
     * @param host who has connected
     * @param channels what may follow, the usual one first
     */
    QueueAuthentication(
            TargetQueue queue,
            TargetServer server,
            HostAuthenticator authenticator,
            ConnectData host,
            List<SecureChannel> channels,
            Outcome outcome) {
        this.queue = queue;
        this.server = server;
        this.authenticator = authenticator;
        this.host = host;
        TransportAddress from = queue.queuePair().remoteAddress();
        this.peer = new AuthenticationPeer(host.hostNqn(), host.subsystemNqn(), from == null ? null : from.host());
        this.channels = channels;
        this.outcome = outcome;
    }

    /** Authentication Send or Authentication Receive. */
    void handle(ReceivedCommand command, SubmissionQueueEntry entry, int commandId) {
        AuthenticationCommand authentication = AuthenticationCommand.decode(entry.buffer(), entry.index());
        if (!authentication.carriesMessage() || authentication.length() == 0 || authentication.length() > MOST) {
            queue.complete(command, commandId, TargetStatus.INVALID_FIELD);
        } else if (command.dataLength() != authentication.length()) {
            queue.complete(command, commandId, TargetStatus.DATA_LENGTH_INVALID);
        } else if (step != null || !expects(authentication)) {
            queue.complete(command, commandId, TargetStatus.COMMAND_SEQUENCE_ERROR);
        } else if (authentication.send()) {
            receive(command, commandId, (int) authentication.length());
        } else {
            Step begun = begin(commandId, command);
            int length = (int) authentication.length();
            run(begun, transaction().next(), message -> reply(begun, command, length, message));
        }
    }

    /** A reason is fetched and not answered; and who is known is asked nothing before it begins anew. */
    private boolean expects(AuthenticationCommand authentication) {
        return authentication.send() ? !last : transaction != null || !established && !last;
    }

    private Step begin(int commandId, @Nullable ReceivedCommand command) {
        Step begun = new Step(commandId, command);
        step = begun;
        return begun;
    }

    private void receive(ReceivedCommand command, int commandId, int length) {
        Step begun = begin(commandId, null);
        AuthenticationSend.End end = new AuthenticationSend.End() {
            @Override
            public void received(byte[] message) {
                run(begun, transaction().receive(message), state -> taken(begun, state));
            }

            @Override
            public void over() {
                step = null;
            }
        };
        new AuthenticationSend(queue, command, commandId, length, end).start();
    }

    private HostAuthentication transaction() {
        HostAuthentication running = transaction;
        if (running == null) {
            running = authenticator.begin(peer, channels);
            transaction = running;
            if (established) {
                within(server.limits().connectTimeout(), "the host has not authenticated again in time");
            }
        }
        return running;
    }

    private <T> void run(Step current, Mono<T> work, Consumer<T> then) {
        if (queue.ended()) {
            answer(current, TargetStatus.INTERNAL_ERROR);
            return;
        }
        current.work = work.subscribe(
                result -> queue.execute(() -> {
                    if (step == current) {
                        then.accept(result);
                    }
                }),
                failure -> queue.execute(() -> {
                    if (step == current) {
                        // Nothing that a host does: no thread is to be had, say.
                        refused("it could not be carried out: " + failure);
                        closing();
                        answer(current, TargetStatus.INTERNAL_ERROR);
                    }
                }));
    }

    /** What Authentication Send has brought has been dealt with. */
    private void taken(Step current, TransactionState state) {
        switch (state) {
            case RUNNING -> answer(current, Status.SUCCESS);
            case AUTHENTICATED -> succeeded(current, () -> answer(current, Status.SUCCESS));
            case FAILED -> {
                failed();
                if (failureOfPeer()) {
                    closing();
                }
                answer(current, Status.SUCCESS);
            }
        }
    }

    /** Here is what Authentication Receive asks for. */
    private void reply(Step current, ReceivedCommand command, int length, AuthenticationMessage message) {
        if (message.length() > length) {
            refused("a buffer of " + length + " bytes has no room for " + message.length());
            closing();
            answer(current, TargetStatus.INVALID_FIELD);
            return;
        }
        Runnable send = () -> {
            step = null;
            new AdminTransfer(queue, command, current.commandId, length, source(message, length)).advance();
        };
        HostAuthentication running = transaction();
        switch (running.state()) {
            case RUNNING -> send.run();
            case AUTHENTICATED -> succeeded(current, send);
            case FAILED -> {
                failed();
                closing();
                send.run();
            }
        }
    }

    /** The message, and zeros behind it. */
    private AdminTransfer.Source source(AuthenticationMessage message, int length) {
        ByteBuf whole = Unpooled.wrappedBuffer(new byte[length]);
        message.encode(whole, 0);
        return new AdminTransfer.Source() {
            @Override
            public int piece(long at) {
                return MOST;
            }

            @Override
            public ByteBuf make(long at, int bytes) {
                return queue.queuePair().allocator().directBuffer(bytes, bytes).writeBytes(whole, (int) at, bytes);
            }
        };
    }

    private void succeeded(Step current, Runnable then) {
        HostAuthentication successful = transaction();
        boolean first = !established;
        outcome.authenticated(successful, first, admission -> {
            if (step != current) {
                return;
            }
            over();
            switch (admission) {
                case ADMITTED -> {
                    established = true;
                    then.run();
                }
                case SPENT -> {
                    last = true;
                    established = true;
                    then.run();
                }
                case REFUSED -> {
                    refused("what it has connected to is gone or taken");
                    closing();
                    answer(current, TargetStatus.COMMAND_SEQUENCE_ERROR);
                }
            }
        });
    }

    /** The transaction is over and nothing of it is needed any more. */
    private void over() {
        deadline.dispose();
        HostAuthentication done = transaction;
        transaction = null;
        if (done != null) {
            done.close();
        }
    }

    private boolean failureOfPeer() {
        return transaction().failure().map(TransactionFailure::fromPeer).orElse(false);
    }

    private void failed() {
        if (!failed) {
            refused(transaction().failure().map(QueueAuthentication::describe).orElse("of an unknown reason"));
        }
    }

    private static String describe(TransactionFailure failure) {
        String what = AuthenticationFailure.find(failure.explanation())
                .map(AuthenticationFailure::text)
                .orElse("explanation " + failure.explanation());
        return failure.fromPeer() ? what + ", says the host" : what + ", " + failure.detail();
    }

    /** No commands from now on; the reason may be fetched for a while. */
    private void refused(String why) {
        failed = true;
        last = true;
        server.refusals().authentication(host, queue.queuePair().remoteAddress(), queue.queueId(), why);
        queue.handler(new AuthenticationHandler(queue, this));
        within(FETCH_TIMEOUT, "the host did not authenticate itself");
    }

    /** The connection is closed when what is under way has been answered. */
    private void closing() {
        queue.drainAndClose();
    }

    private void within(Duration time, String otherwise) {
        deadline.dispose();
        deadline = server.timer()
                .schedule(
                        () -> queue.execute(() -> {
                            if (established) {
                                queue.fail(otherwise);
                            } else {
                                queue.close();
                            }
                        }),
                        time.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void answer(Step current, Status status) {
        step = null;
        ReceivedCommand command = current.command;
        if (command != null) {
            command.release();
        }
        queue.complete(current.commandId, status);
    }

    /** The host is known by other means, and may prove itself when it likes to. */
    void establish() {
        established = true;
    }

    /** Whether a host that was known has failed to prove once more who it is. */
    boolean endsAssociation() {
        return failed && established;
    }

    /** The connection has ended. */
    void end() {
        over();
        Step current = step;
        if (current != null && current.work != null) {
            current.work.dispose();
            answer(current, TargetStatus.INTERNAL_ERROR);
        }
    }
}
