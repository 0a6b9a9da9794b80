package io.nvmf.host;

import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.Termination;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Until an association is up, whatever fails is a failure to connect: no command of the user is concerned, however the command of
 * the bring-up ended, and the message says what it was to be a connection to.
 */
final class ConnectFailures implements Failures {

    private final Failures delegate;
    private final String target;
    private final String queue;
    private final BooleanSupplier up;

    /**
     * Decorates a factory.
     *
     * @param delegate makes the exceptions
     * @param target subsystem and address
     * @param up whether the association has come up, ever
     */
    ConnectFailures(Failures delegate, String target, BooleanSupplier up) {
        this(delegate, target, "", up);
    }

    private ConnectFailures(Failures delegate, String target, String queue, BooleanSupplier up) {
        this.delegate = delegate;
        this.target = target;
        this.queue = queue;
        this.up = up;
    }

    @Override
    public Failures forQueue(int queueId) {
        return new ConnectFailures(delegate.forQueue(queueId), target, ", queue " + queueId, up);
    }

    private Outcome outcome(Outcome outcome) {
        return up.getAsBoolean() ? outcome : Outcome.NOT_CONNECTED;
    }

    private String step(String what) {
        return up.getAsBoolean() || what.contains(target) ? what : what + " (connect to " + target + queue + ')';
    }

    @Override
    public RuntimeException status(Command command, Status status, boolean fromController) {
        return up.getAsBoolean()
                ? delegate.status(command, status, fromController)
                : delegate.status(step(delegate.describe(command)), command, status, fromController);
    }

    @Override
    public RuntimeException status(String what, Command command, Status status, boolean fromController) {
        return delegate.status(step(what), command, status, fromController);
    }

    @Override
    public RuntimeException terminated(String what, Termination termination, Outcome outcome) {
        return delegate.terminated(step(what), termination, outcome(outcome));
    }

    @Override
    public RuntimeException unreachable(String what, Throwable cause) {
        return delegate.unreachable(what, cause);
    }

    @Override
    public RuntimeException protocol(String detail) {
        return protocol(detail, Outcome.UNKNOWN);
    }

    @Override
    public RuntimeException protocol(String detail, Outcome outcome) {
        return delegate.protocol(step(detail), outcome(outcome));
    }

    @Override
    public RuntimeException limit(String what, long value, long limit, String detail) {
        return delegate.limit(what, value, limit, detail);
    }

    @Override
    public RuntimeException noMemory(String what, long bytes, OutOfMemoryError cause) {
        return delegate.noMemory(step(what), bytes, cause);
    }

    @Override
    public RuntimeException timeout(String what, Duration after, Outcome outcome) {
        return delegate.timeout(step(what), after, outcome(outcome));
    }

    @Override
    public RuntimeException closed(@Nullable Termination termination) {
        return up.getAsBoolean()
                ? delegate.closed(termination)
                : delegate.terminated(
                        "connect to " + target,
                        termination == null ? new Termination.Closed(Termination.Side.LOCAL) : termination,
                        Outcome.NOT_CONNECTED);
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
}
