package io.nvmf.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.security.DhChapAlgorithms;
import io.nvmf.security.DhChapSecret;
import io.nvmf.security.dhchap.ControllerTransaction;
import io.nvmf.security.dhchap.DhChapParameters;
import io.nvmf.security.dhchap.Freshness;
import io.nvmf.security.dhchap.TransactionState;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthNegotiate;
import io.nvmf.spec.auth.AuthenticationCommand;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.spec.auth.AuthenticationMessage;
import io.nvmf.spec.auth.SecureChannel;
import io.nvmf.transport.ControllerQueuePair;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.ResponseCapsule;
import io.nvmf.transport.SendOutcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The controller's side of in-band authentication, command by command, and what a test does to one of them. Commands of a
 * transaction are counted from 1, which is Authentication Send of AUTH_Negotiate. One thread.
 */
public final class ScriptedAuthentication {

    /** A command, not answered yet. */
    public record Step(ControllerQueuePair pair, ReceivedCommand command) {

        /** Answers with an error. */
        public void fail(StatusCode code) {
            pair.submit(ResponseCapsule.of(
                    command.entry().commandId(), Status.of(code, true).raw(), 0, 0, 0));
            command.release();
        }

        /** Says why the host is refused, and closes the connection at once. */
        public void refuse(int transactionId, AuthenticationFailure why) {
            ByteBuf data = Unpooled.wrappedBuffer(bytes(AuthFailure.ofController(transactionId, why)));
            if (command.send(0, data) != SendOutcome.COMPLETE_SUCCESS_SENT) {
                succeed();
            }
            close();
        }

        /** Never answers. */
        public void forget() {
            command.release();
        }

        /** Closes the connection. */
        public void close() {
            pair.close().subscribe();
            command.release();
        }

        private void succeed() {
            pair.submit(ResponseCapsule.of(command.entry().commandId(), Status.SUCCESS.raw(), 0, 0, 0));
        }
    }

    /** Secret of the host, as the controller has it. */
    public DhChapSecret hostSecret;

    /** Secret of the controller, as it has it. */
    public Optional<DhChapSecret> controllerSecret = Optional.empty();

    /** What the controller takes. */
    public DhChapAlgorithms algorithms = DhChapAlgorithms.defaults();

    /** What follows from transactions. */
    public SecureChannel channel = SecureChannel.NONE;

    /** What is done instead of the step of this number. */
    public final Map<Integer, Consumer<Step>> instead = new HashMap<>();

    /** What becomes of the message that is sent in the step of this number. */
    public final Map<Integer, UnaryOperator<byte[]>> altered = new HashMap<>();

    /** What hosts have sent. */
    public final List<AuthenticationMessage> received = new CopyOnWriteArrayList<>();

    /** The key that the latest transaction has made. */
    public volatile byte[] generatedPsk = new byte[0];

    /** How many bytes of a message are sent at most; what is missing is padded. */
    public int sent = AuthenticationMessage.BUFFER_LENGTH;

    private final String hostNqn;
    private final String subsystemNqn;
    private final Freshness freshness = new Freshness();
    private final Map<ControllerQueuePair, ControllerTransaction> transactions = new HashMap<>();
    private final Map<ControllerQueuePair, Integer> steps = new HashMap<>();

    private final AtomicInteger authenticated = new AtomicInteger();

    /** A controller of a subsystem, for one host. */
    public ScriptedAuthentication(String hostNqn, String subsystemNqn, DhChapSecret hostSecret) {
        this.hostNqn = hostNqn;
        this.subsystemNqn = subsystemNqn;
        this.hostSecret = hostSecret;
    }

    /** How many transactions have ended well. */
    public int authenticated() {
        return authenticated.get();
    }

    /** Takes a command, which belongs to this from now on. */
    public void take(ControllerQueuePair pair, ReceivedCommand command) {
        AuthenticationCommand decoded = AuthenticationCommand.decode(
                command.entry().buffer(), command.entry().index());
        Step step = new Step(pair, command);
        int number = steps.merge(pair, 1, Integer::sum);
        if (!decoded.carriesMessage()) {
            step.fail(StatusCode.INVALID_FIELD);
        } else if (instead.containsKey(number)) {
            instead.get(number).accept(step);
        } else if (decoded.send()) {
            command.receive(0, Math.toIntExact(command.dataLength())).subscribe(data -> {
                received(pair, data);
                data.release();
                step.succeed();
                command.release();
            });
        } else {
            send(step, number);
        }
    }

    private void received(ControllerQueuePair pair, ByteBuf data) {
        AuthenticationMessage message = AuthenticationMessage.decode(data, data.readerIndex(), data.readableBytes());
        received.add(message);
        if (message instanceof AuthNegotiate) {
            transactions.put(pair, new ControllerTransaction(parameters(), freshness));
            steps.put(pair, 1);
        }
        ControllerTransaction transaction = transactions.get(pair);
        transaction.receive(data, data.readerIndex(), data.readableBytes());
        look(transaction);
    }

    private DhChapParameters parameters() {
        return new DhChapParameters(hostNqn, subsystemNqn, hostSecret, controllerSecret, algorithms, channel);
    }

    private void look(ControllerTransaction transaction) {
        if (transaction.state() == TransactionState.AUTHENTICATED) {
            authenticated.incrementAndGet();
            transaction.takeGeneratedPsk().ifPresent(key -> generatedPsk = key);
        }
    }

    private void send(Step step, int number) {
        ControllerTransaction transaction = transactions.get(step.pair);
        AuthenticationMessage message = transaction.next();
        look(transaction);
        byte[] bytes = altered.getOrDefault(number, same -> same).apply(bytes(message));
        int length = Math.toIntExact(Math.min(sent, step.command.dataLength()));
        ByteBuf data = Unpooled.buffer(length);
        data.writeBytes(bytes, 0, Math.min(bytes.length, length));
        if (sent == AuthenticationMessage.BUFFER_LENGTH && bytes.length > 0) {
            data.writeZero(length - data.readableBytes());
        }
        SendOutcome outcome = data.isReadable() ? step.command.send(0, data) : SendOutcome.MORE;
        if (outcome != SendOutcome.COMPLETE_SUCCESS_SENT) {
            step.succeed();
        }
        step.command.release();
    }

    /** A message on the wire. */
    public static byte[] bytes(AuthenticationMessage message) {
        byte[] bytes = new byte[message.length()];
        ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        message.encode(buffer, 0);
        return bytes;
    }
}
