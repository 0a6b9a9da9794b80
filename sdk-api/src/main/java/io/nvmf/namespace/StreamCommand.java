package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.Request;
import io.nvmf.transport.ResponseCapsule;
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
    private @Nullable Command command;
    private @Nullable ResponseCapsule response;
    private @Nullable ByteBuf data;
    private int bytes;
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

    /**
     * The command was answered. On the event loop of the stream, like what follows.
     *
     * @param command what was asked
     * @param response with any status
     * @param data memory of the SDK with what was received, owned by this; null without, or if the status is no success
     * @param bytes number of bytes that were moved
     */
    abstract void answered(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes);

    /** The command will not be answered. */
    abstract void unanswered(RuntimeException failure, CommandOutcome outcome);

    /** The command never left, because the stream was abandoned. */
    void takenBack() {}

    @Override
    protected final boolean abandoned() {
        return stream.isAbandoned();
    }

    @Override
    protected final void completed(Command asked, ResponseCapsule told, @Nullable ByteBuf received, int moved) {
        if (stream.isOnItsEventLoop()) {
            answered(asked, told, received, moved);
            stream.signal();
        } else {
            command = asked;
            response = told;
            data = received;
            bytes = moved;
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
        Command asked = command;
        ResponseCapsule told = response;
        ByteBuf received = data;
        RuntimeException cause = failure;
        CommandOutcome known = outcome;
        command = null;
        response = null;
        data = null;
        failure = null;
        outcome = null;
        if (asked != null && told != null) {
            answered(asked, told, received, bytes);
        } else if (cause != null && known != null) {
            unanswered(cause, known);
        } else {
            takenBack();
        }
    }
}
