package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeAuthenticationException;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.security.dhchap.TransactionFailure;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Status;
import io.nvmf.spec.auth.AuthFailure;
import io.nvmf.spec.auth.AuthenticationFailure;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Makes the exceptions of one association. Adds what is not known where something fails: which queue it was, whether
 * the association was up, why it was lost, and how long to wait before a retry.
 *
 * <p>Any thread. Instances are immutable but for what they are told of the controller.
 */
public final class Failures {

    private static final MemoryWarning NO_MEMORY =
            new MemoryWarning(LoggerFactory.getLogger(Failures.class), System::nanoTime);

    private static final int NO_QUEUE = -1;

    private final int queueId;
    private final RetryDelays delays;
    private final String target;
    private final BooleanSupplier up;
    private final Supplier<@Nullable Termination> loss;

    private Failures(
            int queueId, RetryDelays delays, String target, BooleanSupplier up, Supplier<@Nullable Termination> loss) {
        this.queueId = queueId;
        this.delays = delays;
        this.target = target;
        this.up = up;
        this.loss = loss;
    }

    /** The failures of queues that belong to no association. */
    public Failures() {
        this("", () -> true, () -> null);
    }

    /**
     * The failures of one association. Until it is up, whatever fails is a failure to connect: it concerns no command
     * of the user, and the message says what the connection was meant for. When one queue pair is lost the association
     * closes the others; the commands on those fail because of the loss, not because this host closed a connection.
     *
     * @param target subsystem and address
     * @param up whether the association has come up, ever
     * @param loss how its first queue pair ended, null while none has
     */
    public Failures(String target, BooleanSupplier up, Supplier<@Nullable Termination> loss) {
        this(NO_QUEUE, new RetryDelays(), target, up, loss);
    }

    /**
     * The failures of one queue: opcodes mean other commands on the admin queue than on I/O queues.
     *
     * @param id the queue identifier, 0 for the admin queue
     * @return what makes them
     */
    public Failures forQueue(int id) {
        return new Failures(id, delays, target, up, loss);
    }

    /**
     * Tells the failures of all queues what the controller's command retry delays mean.
     *
     * @param identify what the controller says of itself
     */
    public void retryDelays(IdentifyController identify) {
        delays.byCode = IntStream.rangeClosed(0, 3)
                .mapToObj(identify::commandRetryDelay)
                .toList();
    }

    /**
     * Names a command in a message.
     *
     * @param command the command
     * @return its name and what matters of its fields
     */
    public String describe(Command command) {
        return CommandNames.describe(command, isAdmin());
    }

    /**
     * The controller answered with an error.
     *
     * @param command what was asked
     * @param status the answer
     * @param fromController false when this host made up the status, for example for a data digest error
     * @return the exception
     */
    public NvmeStatusException status(Command command, Status status, boolean fromController) {
        return status(describe(command), command, status, fromController);
    }

    /**
     * The controller answered with an error, and more is known than the status alone says.
     *
     * @param what the sentence that explains it
     * @param command what was asked
     * @param status the answer
     * @param fromController false when this host made up the status
     * @return the exception
     */
    public NvmeStatusException status(String what, Command command, Status status, boolean fromController) {
        String who = fromController ? ": the controller answered " : ": this host found ";
        return new NvmeStatusException(
                step(what) + who + status.describe(command.opcode()),
                outcome(CommandOutcome.ANSWERED),
                command.opcode(),
                status,
                fromController,
                delays.of(status),
                CommandNames.blocks(command, isAdmin()).orElse(null),
                null);
    }

    /**
     * The connection ended before the command was done.
     *
     * @param what what was under way, for example a command's text or "connect"
     * @param termination how the queue pair ended
     * @param outcome what is known
     * @return the exception
     */
    public NvmeException terminated(String what, Termination termination, CommandOutcome outcome) {
        Termination reason = reason(termination);
        CommandOutcome known = outcome(outcome);
        return ended(step(what) + ": " + describe(reason) + consequence(known), reason, known, null);
    }

    /**
     * The connection could not be made.
     *
     * @param what what was under way, with the address
     * @param cause what the transport said
     * @return the exception
     */
    public NvmeException unreachable(String what, Throwable cause) {
        if (cause instanceof QueuePairTerminatedException ended) {
            Termination termination = ended.termination();
            return ended(what + ": " + describe(termination), termination, CommandOutcome.NOT_CONNECTED, cause);
        }
        String detail = cause.getMessage();
        return new NvmeConnectionException(
                what + ": " + (detail == null ? cause.getClass().getSimpleName() : detail),
                CommandOutcome.NOT_CONNECTED,
                null,
                cause);
    }

    /**
     * An authentication has failed without a message that says so.
     *
     * @param what was wrong, with nothing secret
     * @param outcome what is known
     * @param fromController whether the controller has ended it
     * @param cause what went wrong below, null if nothing
     * @return the exception
     */
    public NvmeAuthenticationException authentication(
            String what, CommandOutcome outcome, boolean fromController, @Nullable Throwable cause) {
        return new NvmeAuthenticationException(step(what), outcome(outcome), null, fromController, cause);
    }

    /**
     * A transaction of in-band authentication has failed.
     *
     * @param failure how
     * @return the exception
     */
    public NvmeAuthenticationException authentication(TransactionFailure failure) {
        AuthenticationFailure known = failure.reason() == AuthFailure.REASON
                ? AuthenticationFailure.find(failure.explanation()).orElse(null)
                : null;
        String code = "RC " + failure.reason() + ", RCE " + failure.explanation() + ": "
                + (known == null ? "a reason without a name" : known.text());
        String message = failure.fromPeer()
                ? "the controller has ended the authentication (" + code + ")"
                : "this host has ended the authentication (" + code + "), because " + failure.detail();
        String queue = queueId == NO_QUEUE ? "" : "queue " + queueId + ": ";
        return new NvmeAuthenticationException(
                step(queue + message), outcome(CommandOutcome.ANSWERED), known, failure.fromPeer(), null);
    }

    /**
     * The peer broke the protocol above the transport.
     *
     * @param detail what is wrong, with the offending value
     * @return the exception
     */
    public NvmeException protocol(String detail) {
        return new NvmeProtocolException(step(detail), outcome(CommandOutcome.UNKNOWN), null, null);
    }

    /**
     * A limit was passed; nothing was sent.
     *
     * @param what the quantity, in the specification's words
     * @param value the offending value
     * @param limit the limit
     * @param detail the sentence that goes with them
     * @return the exception
     */
    public NvmeException limit(String what, long value, long limit, String detail) {
        return new NvmeLimitException(what, value, limit, detail, outcome(CommandOutcome.NOT_SENT));
    }

    /**
     * There was no memory for a command's data; nothing was sent.
     *
     * @param what what was under way
     * @param bytes how many were wanted
     * @param cause what the allocator said
     * @return the exception
     */
    public NvmeException noMemory(String what, long bytes, OutOfMemoryError cause) {
        NvmeException failure = NvmeLimitException.noMemory(step(what), bytes, outcome(CommandOutcome.NOT_SENT), cause);
        NO_MEMORY.failed(failure);
        return failure;
    }

    /**
     * What a request fails with when making its command has thrown; nothing was sent.
     *
     * @param thrown what was caught
     * @return the same if it is an exception that may be signalled as it is, else one that has it as its cause
     */
    RuntimeException refused(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError exhausted) {
            return noMemory("a command", 0, exhausted);
        }
        return thrown instanceof RuntimeException exception
                ? exception
                : new IllegalStateException("a command could not be made", thrown);
    }

    /**
     * A deadline passed.
     *
     * @param what what was under way
     * @param after how long it had
     * @param outcome what is known
     * @return the exception
     */
    public NvmeException timeout(String what, Duration after, CommandOutcome outcome) {
        CommandOutcome known = outcome(outcome);
        String message = step(what) + ": no answer within " + after.toMillis() + " ms" + consequence(known);
        return new NvmeTimeoutException(message, known, after);
    }

    /**
     * The controller is closed or closing; nothing was sent.
     *
     * @param termination how it ended, null while closing
     * @return the exception
     */
    public NvmeException closed(@Nullable Termination termination) {
        if (!up.getAsBoolean()) {
            Termination end = termination == null ? new Termination.Closed(Termination.Side.LOCAL) : termination;
            return terminated("connect to " + target, end, CommandOutcome.NOT_CONNECTED);
        }
        Termination reason = termination == null ? null : reason(termination);
        String message = reason == null
                ? "the controller is closing; nothing was sent"
                : "the controller is closed (" + describe(reason) + "); nothing was sent, connect again";
        return new NvmeConnectionException(message, CommandOutcome.NOT_SENT, reason, null);
    }

    private boolean isAdmin() {
        return queueId <= 0;
    }

    private CommandOutcome outcome(CommandOutcome outcome) {
        return up.getAsBoolean() ? outcome : CommandOutcome.NOT_CONNECTED;
    }

    private String step(String what) {
        if (up.getAsBoolean() || what.contains(target)) {
            return what;
        }
        String queue = queueId == NO_QUEUE ? "" : ", queue " + queueId;
        return what + " (connect to " + target + queue + ')';
    }

    private Termination reason(Termination termination) {
        Termination lost = loss.get();
        boolean closedHere =
                termination instanceof Termination.Closed closed && closed.side() == Termination.Side.LOCAL;
        return closedHere && lost != null ? lost : termination;
    }

    private static NvmeException ended(
            String message, Termination termination, CommandOutcome outcome, @Nullable Throwable cause) {
        if (termination instanceof Termination.ProtocolError error) {
            return new NvmeProtocolException(message, outcome, error, cause);
        }
        Throwable root = termination instanceof Termination.IoFailure failure ? failure.cause() : cause;
        return new NvmeConnectionException(message, outcome, termination, root);
    }

    private static String consequence(CommandOutcome outcome) {
        return switch (outcome) {
            case NOT_CONNECTED, ANSWERED -> "";
            case NOT_SENT -> "; it was not sent";
            case UNKNOWN -> "; it is unknown whether it was carried out";
        };
    }

    /**
     * Says how a connection of this host has ended.
     *
     * @param termination how
     * @return the sentence
     */
    public static String describe(Termination termination) {
        if (termination instanceof Termination.Closed closed) {
            String who = closed.side() == Termination.Side.LOCAL ? "this host" : "the controller";
            return who + " closed the connection" + (closed.detail() == null ? "" : ": " + closed.detail());
        }
        if (termination instanceof Termination.PeerReset reset) {
            return "the connection was reset (" + reset.detail() + ")";
        }
        if (termination instanceof Termination.ProtocolError error) {
            String who = error.detectedBy() == Termination.Side.LOCAL
                    ? "the controller broke the protocol"
                    : "the controller says that this host broke the protocol";
            boolean onTheWire = error.fatalErrorStatus() != Termination.ProtocolError.NO_STATUS;
            String status = onTheWire
                    ? "FES " + error.fatalErrorStatus() + ", FEI " + error.fatalErrorInformation() + ": "
                    : "";
            return who + " (" + status + error.detail() + ")";
        }
        return "the connection failed (" + ((Termination.IoFailure) termination).cause() + ")";
    }

    /** What CRD 0..3 stand for; unknown, hence zero, until the controller was identified. */
    private static final class RetryDelays {

        volatile List<Duration> byCode = Collections.nCopies(4, Duration.ZERO);

        Duration of(Status status) {
            return byCode.get(status.crd());
        }
    }
}
