package io.nvmf.namespace;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Request;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A command of a stream on any of its queues. What becomes of it is told on the event loop of its queue and handled on
 * that of the stream: at once where they are the same, else the command is handed over, as an object that is there
 * already. Only {@link #command()} and {@link #abandoned()} run on the event loop of the queue.
 */
abstract class StreamCommand extends Request {

    /** Link while this is handed over, see {@link StreamSubscription}. */
    @Nullable
    StreamCommand following;

    private final StreamSubscription stream;
    private @Nullable HostQueue target;

    // What the queue has told, while this is handed over; nothing if the command never left.
    private @Nullable Completion completion;
    private @Nullable RuntimeException failure;
    private @Nullable CommandOutcome outcome;

    StreamCommand(StreamSubscription stream) {
        this.stream = stream;
    }

    /** Submits this; not while it is submitted. */
    final void submitTo(HostQueue queue) {
        target = queue;
        queue.submit(this);
    }

    /**
     * Has the queue cancel what was submitted. The queue may have told the end of it already, which is then heard of
     * later.
     */
    final void cancel() {
        Objects.requireNonNull(target).cancel(this);
    }

    /** The command was answered; owns the completion. On the event loop of the stream, like what follows. */
    abstract void answered(Completion completion);

    /** The command will not be answered. */
    abstract void unanswered(RuntimeException failure, CommandOutcome outcome);

    /** The command never left, because the stream was abandoned. */
    void takenBack() {}

    @Override
    protected final boolean abandoned() {
        return stream.isAbandoned();
    }

    @Override
    protected final void completed(Completion told) {
        if (stream.isOnItsEventLoop()) {
            answered(told);
            stream.signal();
        } else {
            completion = told;
            stream.handOver(this);
        }
    }

    @Override
    protected final void failed(RuntimeException cause, CommandOutcome known) {
        if (stream.isOnItsEventLoop()) {
            unanswered(cause, known);
            stream.signal();
        } else {
            failure = cause;
            outcome = known;
            stream.handOver(this);
        }
    }

    @Override
    protected final void dropped() {
        if (stream.isOnItsEventLoop()) {
            takenBack();
        } else {
            stream.handOver(this);
        }
    }

    /** Handles what was handed over. */
    final void handedOver() {
        Completion told = completion;
        RuntimeException cause = failure;
        CommandOutcome known = outcome;
        completion = null;
        failure = null;
        outcome = null;
        if (told != null) {
            answered(told);
        } else if (cause != null && known != null) {
            unanswered(cause, known);
        } else {
            takenBack();
        }
    }
}
