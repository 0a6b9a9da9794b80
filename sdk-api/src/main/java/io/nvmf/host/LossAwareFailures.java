package io.nvmf.host;

import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * When one queue pair is lost, the association closes the others; the commands on those fail because of the loss, not because
 * this host closed a connection, and their exceptions say so.
 */
final class LossAwareFailures implements Failures {

    private final Failures delegate;
    private final Supplier<@Nullable Termination> loss;

    LossAwareFailures(Failures delegate, Supplier<@Nullable Termination> loss) {
        this.delegate = delegate;
        this.loss = loss;
    }

    @Override
    public Failures forQueue(int queueId) {
        return new LossAwareFailures(delegate.forQueue(queueId), loss);
    }

    @Override
    public RuntimeException terminated(String what, Termination termination, Outcome outcome) {
        return delegate.terminated(what, reason(termination), outcome);
    }

    @Override
    public RuntimeException closed(@Nullable Termination termination) {
        return delegate.closed(termination == null ? null : reason(termination));
    }

    private Termination reason(Termination termination) {
        Termination lost = loss.get();
        boolean closedHere =
                termination instanceof Termination.Closed closed && closed.side() == Termination.Side.LOCAL;
        return closedHere && lost != null ? lost : termination;
    }

    @Override
    public boolean isStatus(Throwable thrown) {
        return delegate.isStatus(thrown);
    }

    @Override
    public boolean isFailure(Throwable thrown) {
        return delegate.isFailure(thrown);
    }

    @Override
    public String describe(Command command) {
        return delegate.describe(command);
    }

    @Override
    public RuntimeException status(Command command, Status status, boolean fromController) {
        return delegate.status(command, status, fromController);
    }

    @Override
    public RuntimeException status(String what, Command command, Status status, boolean fromController) {
        return delegate.status(what, command, status, fromController);
    }

    @Override
    public RuntimeException unreachable(String what, Throwable cause) {
        return delegate.unreachable(what, cause);
    }

    @Override
    public RuntimeException protocol(String detail) {
        return delegate.protocol(detail);
    }

    @Override
    public RuntimeException protocol(String detail, Outcome outcome) {
        return delegate.protocol(detail, outcome);
    }

    @Override
    public RuntimeException limit(String what, long value, long limit, String detail) {
        return delegate.limit(what, value, limit, detail);
    }

    @Override
    public RuntimeException noMemory(String what, long bytes, OutOfMemoryError cause) {
        return delegate.noMemory(what, bytes, cause);
    }

    @Override
    public RuntimeException timeout(String what, Duration after, Outcome outcome) {
        return delegate.timeout(what, after, outcome);
    }
}
