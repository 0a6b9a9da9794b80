package io.nvmf.host.auth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.security.dhchap.HostTransaction;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationCommand;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.DhChapReply;
import io.nvmf.spec.auth.DhChapSuccess2;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The messages of one transaction over one queue (NVMe Base Specification, "DH-HMAC-CHAP"): each is sent when the one
 * before has been answered and dealt with. Each step has a bound of its own.
 */
final class AuthenticationExchange {

    private final HostQueue queue;
    private final HostTransaction transaction;
    private final SecretWork work;
    private final AuthenticationSteps steps;
    private final Failures failures;

    /**
     * @param queue an admin or I/O queue that is connected
     * @param transaction not begun yet
     * @param work what is done with the transaction is done in there
     */
    AuthenticationExchange(
            HostQueue queue,
            HostTransaction transaction,
            SecretWork work,
            AuthenticationSteps steps,
            Failures failures) {
        this.queue = queue;
        this.transaction = transaction;
        this.work = work;
        this.steps = steps;
        this.failures = failures;
    }

    /** What has come of a message of the controller. */
    private record Turn(
            Optional<AuthenticationMessage> answer,
            TransactionState state,
            @Nullable TransactionFailure failure) {}

    /** {@return completes when everybody who had to has proved who they are; an error if not} */
    Mono<Void> run() {
        return steps.compute("AUTH_Negotiate", work, kept -> transaction.begin())
                .flatMap(this::exchange);
    }

    private Mono<Void> exchange(AuthenticationMessage message) {
        Mono<Void> rest = Mono.defer(() -> receive(expectedAfter(message)))
                .flatMap(data -> steps.compute("the answer to " + expectedAfter(message), work, kept -> take(data)))
                .flatMap(this::next);
        return send(message).then(rest.onErrorMap(this::inTheMiddle));
    }

    /** That a command could not be sent says nothing of those before, which the controller has. */
    private Throwable inTheMiddle(Throwable failure) {
        boolean unsent = (failure instanceof NvmeLimitException || failure instanceof NvmeTimeoutException)
                && ((NvmeException) failure).outcome() == CommandOutcome.NOT_SENT;
        return unsent
                ? failures.authentication(
                        "queue " + queue.queueId() + ": the authentication cannot go on: " + failure.getMessage(),
                        CommandOutcome.UNKNOWN,
                        false,
                        failure)
                : failure;
    }

    private Turn take(ByteBuf data) {
        Optional<AuthenticationMessage> answer = transaction.receive(data, data.readerIndex(), data.readableBytes());
        return new Turn(answer, transaction.state(), transaction.failure().orElse(null));
    }

    private Mono<Void> next(Turn turn) {
        TransactionFailure failure = turn.failure;
        if (failure != null) {
            // Whether the controller still takes the message changes nothing.
            return turn.answer
                    .map(message -> send(message).onErrorComplete())
                    .orElseGet(Mono::empty)
                    .then(Mono.error(() -> failures.authentication(failure)));
        }
        if (turn.state == TransactionState.RUNNING) {
            return exchange(turn.answer.orElseThrow());
        }
        return turn.answer.map(this::send).orElseGet(Mono::empty);
    }

    private Mono<Void> send(AuthenticationMessage message) {
        String what = "Authentication Send of " + name(message);
        return steps.bound(what, CommandOutcome.UNKNOWN, Mono.defer(() -> queue.executeEssential(encode(message))))
                .onErrorMap(NvmeStatusException.class, status -> refused(what, status))
                .then();
    }

    private Command encode(AuthenticationMessage message) {
        ByteBuf buffer = allocate(message.length());
        try {
            buffer.writeZero(message.length());
            message.encode(buffer, buffer.readerIndex());
            return Command.encodedBy(AuthenticationCommand.send(message.length())::encode)
                    .send(buffer);
        } catch (Throwable thrown) {
            buffer.release();
            throw thrown;
        }
    }

    private ByteBuf allocate(int length) {
        try {
            return queue.queuePair().allocator().buffer(length, length);
        } catch (OutOfMemoryError exhausted) {
            throw failures.noMemory("Authentication Send", length, exhausted);
        }
    }

    /** {@return what the controller has sent, on the heap} */
    private Mono<ByteBuf> receive(String expected) {
        String what = "Authentication Receive of " + expected;
        int length = AuthenticationMessage.BUFFER_LENGTH;
        Mono<ByteBuf> data = queue.executeEssential(Command.encodedBy(AuthenticationCommand.receive(length)::encode)
                        .receive(length))
                .map(AuthenticationExchange::toHeap);
        return steps.bound(what, CommandOutcome.UNKNOWN, data)
                .onErrorMap(NvmeStatusException.class, status -> refused(what, status));
    }

    private static ByteBuf toHeap(Completion done) {
        ByteBuf data = done.data();
        if (data == null) {
            return Unpooled.EMPTY_BUFFER;
        }
        try {
            return Unpooled.copiedBuffer(data);
        } finally {
            data.release();
        }
    }

    private RuntimeException refused(String what, NvmeStatusException status) {
        return failures.authentication(
                what + " was refused: " + status.getMessage(), CommandOutcome.ANSWERED, true, status);
    }

    private static String expectedAfter(AuthenticationMessage message) {
        return message instanceof AuthNegotiate ? "DHCHAP_Challenge" : "DHCHAP_Success1";
    }

    private static String name(AuthenticationMessage message) {
        if (message instanceof AuthNegotiate) {
            return "AUTH_Negotiate";
        }
        if (message instanceof DhChapReply) {
            return "DHCHAP_Reply";
        }
        if (message instanceof DhChapSuccess2) {
            return "DHCHAP_Success2";
        }
        return message instanceof AuthFailure
                ? "AUTH_Failure2"
                : message.getClass().getSimpleName();
    }
}
