package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a command as a queue calls it: never throws, and has one end however many are told. Event loop only.
 */
final class GuardedTrace implements CommandTrace {

    /** Null after the end. */
    private @Nullable CommandTrace trace;

    GuardedTrace(CommandTrace trace) {
        this.trace = trace;
    }

    @Override
    public void slotTaken(Command command) {
        CommandTrace open = trace;
        if (open != null) {
            tell(() -> open.slotTaken(command));
        }
    }

    @Override
    public void transmitted() {
        CommandTrace open = trace;
        if (open != null) {
            tell(open::transmitted);
        }
    }

    @Override
    public void dataRequested(long bytes) {
        CommandTrace open = trace;
        if (open != null) {
            tell(() -> open.dataRequested(bytes));
        }
    }

    @Override
    public void dataEnded(long bytes) {
        CommandTrace open = trace;
        if (open != null) {
            tell(() -> open.dataEnded(bytes));
        }
    }

    @Override
    public void responded(ResponseCapsule response) {
        CommandTrace open = trace;
        if (open != null) {
            tell(() -> open.responded(response));
        }
    }

    @Override
    public void completed(ResponseCapsule response, int bytes) {
        CommandTrace open = trace;
        trace = null;
        if (open != null) {
            tell(() -> open.completed(response, bytes));
        }
    }

    @Override
    public void failed(Unanswered why, @Nullable RuntimeException failure) {
        CommandTrace open = trace;
        trace = null;
        if (open != null) {
            tell(() -> open.failed(why, failure));
        }
    }

    private void tell(Runnable call) {
        try {
            call.run();
        } catch (Throwable thrown) {
            trace = null;
            UserCallBacks.failed(thrown);
        }
    }
}
