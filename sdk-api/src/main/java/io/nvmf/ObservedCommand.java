package io.nvmf;

import io.nvmf.command.BlockRange;
import io.nvmf.command.Command;
import io.nvmf.host.association.Association;
import io.nvmf.host.queue.CommandNames;
import io.nvmf.host.queue.CommandTrace;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.observation.CommandOperation;
import io.nvmf.observation.Operation;
import io.nvmf.observation.OperationEvent;
import io.nvmf.observation.OperationOutcome;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One command that an observer hears of, on the event loop of its queue. */
final class ObservedCommand extends ObservedDetails implements CommandOperation, CommandTrace {

    private final Association association;
    private final int queueId;
    private @Nullable ObservedOperation operation;
    private volatile @Nullable Command command;
    private volatile @Nullable Status status;
    private volatile long bytes;

    ObservedCommand(Operation client, Association association, int queueId) {
        super(client);
        this.association = association;
        this.queueId = queueId;
    }

    void begin(ObservedOperation begun) {
        operation = begun;
    }

    private ObservedOperation operation() {
        return Objects.requireNonNull(operation);
    }

    // ---- what happens

    @Override
    public void slotTaken(Command taken) {
        command = taken;
        operation().event(OperationEvent.QUEUED);
    }

    @Override
    public void transmitted() {
        operation().event(OperationEvent.WRITTEN);
    }

    @Override
    public void dataRequested(long requested) {
        operation().event(OperationEvent.DATA_REQUESTED);
    }

    @Override
    public void dataEnded(long moved) {
        bytes = moved;
        operation().event(OperationEvent.DATA_MOVED);
    }

    @Override
    public void responded(ResponseCapsule response) {
        status = response.status();
        operation().event(OperationEvent.ANSWERED);
    }

    @Override
    public void completed(ResponseCapsule response, int moved) {
        bytes = moved;
        status = response.status();
        Command asked = command;
        if (response.isSuccess() || asked == null) {
            operation().end(OperationOutcome.COMPLETED, null);
        } else {
            RuntimeException failure = association
                    .failures()
                    .forQueue(queueId)
                    .status(asked, response.status(), response.fromController());
            operation().end(OperationOutcome.FAILED, failure);
        }
    }

    @Override
    public void failed(Unanswered why, @Nullable RuntimeException failure) {
        operation().end(why == Unanswered.CANCELLED ? OperationOutcome.CANCELLED : OperationOutcome.FAILED, failure);
    }

    // ---- what the observer sees

    @Override
    public int controllerId() {
        return association.controllerId();
    }

    @Override
    public int queueId() {
        return queueId;
    }

    @Override
    public Optional<String> name() {
        Command known = command;
        return known == null ? Optional.empty() : Optional.of(CommandNames.name(known, queueId == 0));
    }

    @Override
    public OptionalInt namespaceId() {
        Command known = command;
        return known == null || known.nsid() == 0 ? OptionalInt.empty() : OptionalInt.of(known.nsid());
    }

    @Override
    public Optional<BlockRange> blocks() {
        Command known = command;
        return known == null ? Optional.empty() : CommandNames.blocks(known, queueId == 0);
    }

    @Override
    public Optional<Status> status() {
        return Optional.ofNullable(status);
    }

    @Override
    public Optional<StatusCode> statusCode() {
        Command known = command;
        Status answered = status;
        return known == null || answered == null ? Optional.empty() : answered.code(known.opcode());
    }

    @Override
    public long bytes() {
        return bytes;
    }
}
