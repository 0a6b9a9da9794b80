package io.nvmf.samples.benchmarks;

import io.nvmf.host.Aborter;
import io.nvmf.host.Failures;
import io.nvmf.host.HostQueueParameters;
import io.nvmf.spec.Status;
import io.nvmf.transport.Command;
import io.nvmf.transport.Termination;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/** Failures of commands that do not fail. */
public final class Unexpected implements Failures {

    /** For any queue. */
    public Unexpected() {}

    /**
     * Parameters of a queue whose commands do not fail either by passing a limit or in time; they do have a deadline, as they
     * always have, but it is too far away to be looked at during a benchmark.
     *
     * @param slots number of command slots
     * @return the parameters
     */
    public static HostQueueParameters parameters(int slots) {
        return new HostQueueParameters(
                1,
                slots + 1,
                0,
                Integer.MAX_VALUE,
                Duration.ofDays(1),
                Schedulers.parallel(),
                (queueId, commandId, done) -> {
                    done.run();
                    return Aborter.Ticket.NONE;
                });
    }

    @Override
    public RuntimeException status(Command command, Status status, boolean fromController) {
        return new IllegalStateException(command + ": " + status);
    }

    @Override
    public RuntimeException terminated(String what, Termination termination, Outcome outcome) {
        return new IllegalStateException(what + ": " + termination);
    }

    @Override
    public RuntimeException unreachable(String what, Throwable cause) {
        return new IllegalStateException(what, cause);
    }

    @Override
    public RuntimeException protocol(String detail) {
        return new IllegalStateException(detail);
    }

    @Override
    public RuntimeException limit(String what, long value, long limit, String detail) {
        return new IllegalStateException(what + ": " + detail);
    }

    @Override
    public RuntimeException timeout(String what, Duration after, Outcome outcome) {
        return new IllegalStateException(what + ": " + after);
    }

    @Override
    public RuntimeException closed(@Nullable Termination termination) {
        return new IllegalStateException("closed: " + termination);
    }
}
