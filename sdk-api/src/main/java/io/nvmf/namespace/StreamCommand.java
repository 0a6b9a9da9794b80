package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.host.queue.Repetition;
import io.nvmf.host.queue.Request;
import io.nvmf.host.queue.RequestPlace;
import io.nvmf.transport.ResponseCapsule;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;

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
    private volatile @Nullable RequestPlace place;

    /** Whether this waits to be submitted again. Whoever has the request at the moment. */
    private boolean held;

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
    final void submitTo(HostQueue queue, QueueSelector queues) {
        place = queue;
        queues.submit(this, queue);
    }

    /**
     * Has the queue cancel what was submitted. The queue may have told the end of it already, which is then heard of
     * later.
     */
    final void cancel() {
        Objects.requireNonNull(place).cancel(this);
    }

    @Override
    protected final Context currentContext() {
        return stream.currentContext();
    }

    @Override
    public final @Nullable RequestPlace place() {
        return place;
    }

    @Override
    public final void place(RequestPlace where) {
        place = where;
    }

    /** The stream has its own limits. */
    @Override
    public final boolean expiresWhileHeld() {
        return false;
    }

    /** Harmless to repeat, unless said otherwise. */
    @Override
    public Repetition repetition() {
        return Repetition.ALWAYS;
    }

    /** Why an answer is no success, null if it is one; before {@link #answered} hears of it, on any event loop. */
    abstract @Nullable RuntimeException failure(Command command, ResponseCapsule response, int bytes);

    /** Makes the command, see {@link #command()}. */
    abstract Command make();

    @Override
    protected final Command command() {
        goOn();
        return make();
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
        if (!told.isSuccess()
                && !abandoned()
                && failure(asked, told, moved) instanceof NvmeStatusException answer
                && takenOver(answer)) {
            releaseUnwanted(received);
            return;
        }
        over();
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
        RuntimeException told = abandoned() ? cause : takeOver(cause, known);
        if (told == null) {
            return;
        }
        over();
        if (stream.isOnItsEventLoop()) {
            unanswered(told, known);
            stream.signal();
        } else {
            failure = told;
            outcome = known;
            stream.handOver(this);
        }
    }

    @Override
    public final void heldBack() {
        pause();
    }

    private boolean takenOver(NvmeStatusException answer) {
        pause();
        boolean taken = stream.queues().takeOver(this, answer);
        if (!taken) {
            goOn();
        }
        return taken;
    }

    private @Nullable RuntimeException takeOver(RuntimeException cause, CommandOutcome known) {
        pause();
        RuntimeException told = stream.queues().takeOver(this, cause, known);
        if (told != null) {
            goOn();
        }
        return told;
    }

    /** Before the request is given away: somebody else may have it next. */
    private void pause() {
        if (!held) {
            held = true;
            stream.commandHeld();
        }
    }

    private void goOn() {
        if (held) {
            held = false;
            stream.commandGoesOn();
        }
    }

    private void over() {
        goOn();
        leavePlace();
    }

    @Override
    protected final void dropped() {
        over();
        if (stream.isOnItsEventLoop()) {
            takenBack();
        } else {
            stream.handOver(this);
        }
    }

    @Override
    protected void orphaned() {
        over();
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
