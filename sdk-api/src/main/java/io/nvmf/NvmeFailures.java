package io.nvmf;

import io.nvmf.host.Failures;
import io.nvmf.spec.IdentifyController;
import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what the host layer knows into the exceptions and sentences that users see. */
final class NvmeFailures implements Failures {

    private static final Logger LOG = LoggerFactory.getLogger(NvmeFailures.class);

    /** Between two lines about missing memory: commands that fail for it come in storms, and writing lines takes memory, too. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private static final AtomicLong SILENT_UNTIL = new AtomicLong(System.nanoTime());

    private final boolean admin;
    private final RetryDelays delays;

    /** The failures of one association: of its admin queue, and of what is tied to no queue. */
    NvmeFailures() {
        this(true, new RetryDelays());
    }

    private NvmeFailures(boolean admin, RetryDelays delays) {
        this.admin = admin;
        this.delays = delays;
    }

    /**
     * Tells the failures of all queues what the controller's command retry delays mean.
     *
     * @param identify what the controller says of itself
     */
    void retryDelays(IdentifyController identify) {
        delays.byCode = IntStream.rangeClosed(0, 3)
                .mapToObj(identify::commandRetryDelay)
                .toList();
    }

    @Override
    public NvmeFailures forQueue(int queueId) {
        return new NvmeFailures(queueId == 0, delays);
    }

    @Override
    public boolean isStatus(Throwable thrown) {
        return thrown instanceof NvmeStatusException;
    }

    @Override
    public boolean isFailure(Throwable thrown) {
        return thrown instanceof NvmeException;
    }

    @Override
    public String describe(Command command) {
        return CommandNames.describe(command, admin);
    }

    @Override
    public NvmeException status(Command command, Status status, boolean fromController) {
        return status(describe(command), command, status, fromController);
    }

    @Override
    public NvmeException status(String what, Command command, Status status, boolean fromController) {
        String who = fromController ? ": the controller answered " : ": this host found ";
        String message = what + who + status.describe(command.opcode());
        return new NvmeStatusException(
                message,
                command.opcode(),
                status,
                fromController,
                delays.of(status),
                BlockRange.of(command, admin).orElse(null),
                null);
    }

    @Override
    public NvmeException terminated(String what, Termination termination, Outcome outcome) {
        String message = what + ": " + describe(termination) + consequence(outcome);
        return ended(message, termination, of(outcome), null);
    }

    @Override
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

    @Override
    public NvmeException protocol(String detail) {
        return protocol(detail, Outcome.UNKNOWN);
    }

    @Override
    public NvmeException protocol(String detail, Outcome outcome) {
        return new NvmeProtocolException(detail, of(outcome), null, null);
    }

    @Override
    public NvmeException limit(String what, long value, long limit, String detail) {
        return new NvmeLimitException(what, value, limit, detail);
    }

    @Override
    public NvmeException noMemory(String what, long bytes, OutOfMemoryError cause) {
        NvmeException failure = NvmeLimitException.noMemory(what, bytes, cause);
        long now = System.nanoTime();
        long silentUntil = SILENT_UNTIL.get();
        if (now - silentUntil >= 0 && SILENT_UNTIL.compareAndSet(silentUntil, now + SILENCE.toNanos())) {
            LOG.warn(
                    "{}; commands go on failing like that until there is memory, which is said once in {} s",
                    failure.getMessage(),
                    SILENCE.toSeconds());
        }
        return failure;
    }

    @Override
    public NvmeException timeout(String what, Duration after, Outcome outcome) {
        String message = what + ": no answer within " + after.toMillis() + " ms" + consequence(outcome);
        return new NvmeTimeoutException(message, of(outcome), after);
    }

    @Override
    public NvmeException closed(@Nullable Termination termination) {
        String message = termination == null
                ? "the controller is closing; nothing was sent"
                : "the controller is closed (" + describe(termination) + "); nothing was sent, connect again";
        return new NvmeConnectionException(message, CommandOutcome.NOT_SENT, termination, null);
    }

    private static NvmeException ended(
            String message, Termination termination, CommandOutcome outcome, @Nullable Throwable cause) {
        if (termination instanceof Termination.ProtocolError error) {
            return new NvmeProtocolException(message, outcome, error, cause);
        }
        Throwable root = termination instanceof Termination.IoFailure failure ? failure.cause() : cause;
        return new NvmeConnectionException(message, outcome, termination, root);
    }

    private static CommandOutcome of(Outcome outcome) {
        return switch (outcome) {
            case NOT_CONNECTED -> CommandOutcome.NOT_CONNECTED;
            case NOT_SENT -> CommandOutcome.NOT_SENT;
            case UNKNOWN -> CommandOutcome.UNKNOWN;
        };
    }

    private static String consequence(Outcome outcome) {
        return switch (outcome) {
            case NOT_CONNECTED -> "";
            case NOT_SENT -> "; it was not sent";
            case UNKNOWN -> "; it is unknown whether it was carried out";
        };
    }

    private static String describe(Termination termination) {
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
            return byCode.get(status.commandRetryDelay());
        }
    }
}
