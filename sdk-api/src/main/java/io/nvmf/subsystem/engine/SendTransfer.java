package io.nvmf.subsystem.engine;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * The data of a command on its way to the host, one part at a time: a part is made when there is memory for it and the
 * connection takes data, and sent when it is there. Its memory comes back when it has left. What is there at once goes
 * from command to response within one call and without a subscription.
 */
abstract class SendTransfer extends WaitingCommand implements TransferBudget.Waiter, StoreCall.Listener<ByteBuf> {

    /** Most bytes that are made at once. */
    static final int PART = 128 * 1024;

    private enum Step {
        AWAIT_MEMORY,
        AWAIT_CONNECTION,
        MAKE,
        SEND,
        DONE
    }

    private final ReceivedCommand command;
    private final long length;

    private Step step = Step.AWAIT_MEMORY;
    private long sent;
    private int taken;
    private boolean advancing;
    private boolean again;

    /** The part, or why there is none. */
    private @Nullable ByteBuf part;

    private @Nullable Throwable failure;

    /** While the connection takes no data. */
    private @Nullable Disposable connection;

    SendTransfer(TargetQueue queue, ReceivedCommand command, int commandId, long length) {
        super(queue, commandId);
        this.command = command;
        this.length = length;
    }

    /** Makes a part and gives it to {@link #answered}, now or later; may throw. */
    abstract void make(long at, int bytes);

    /** What the host is told of a part that could not be made. */
    abstract Status failed(long at, int bytes, @Nullable ByteBuf made, @Nullable Throwable cause);

    /** Goes on until something has to be waited for. A signal from within a step comes back here and is not lost. */
    final void advance() {
        again = true;
        if (advancing) {
            return;
        }
        advancing = true;
        while (again) {
            again = false;
            switch (step) {
                case AWAIT_MEMORY -> awaitMemory();
                case AWAIT_CONNECTION -> awaitConnection();
                case MAKE -> make();
                case SEND -> send();
                case DONE -> {}
            }
        }
        advancing = false;
    }

    private void awaitMemory() {
        if (queue.ended()) {
            end(TargetStatus.INTERNAL_ERROR);
            return;
        }
        int bytes = queue.memory().data().take(this);
        if (bytes > 0) {
            granted(bytes);
        } else if (step == Step.AWAIT_MEMORY) {
            queue.waiting().add(this);
        }
    }

    @Override
    public int needed() {
        return (int) Math.min(PART, length - sent);
    }

    @Override
    public final void granted(int bytes) {
        queue.waiting().remove(this);
        taken = bytes;
        step = Step.AWAIT_CONNECTION;
        advance();
    }

    final long sent() {
        return sent;
    }

    private void awaitConnection() {
        if (queue.ended()) {
            giveUp(TargetStatus.INTERNAL_ERROR);
            return;
        }
        Mono<Void> writable = queue.queuePair().writable();
        if (writable instanceof Callable) {
            step = Step.MAKE;
            again = true;
        } else {
            queue.waiting().add(this);
            connection = writable.subscribe(nothing -> {}, ignored -> {}, () -> queue.execute(this::connectionReady));
        }
    }

    private void connectionReady() {
        if (step == Step.AWAIT_CONNECTION) {
            queue.waiting().remove(this);
            advance();
        }
    }

    @Override
    final boolean abort(Status status) {
        if (step == Step.AWAIT_MEMORY) {
            queue.memory().data().withdraw(this);
            end(status);
            return true;
        }
        if (step == Step.AWAIT_CONNECTION) {
            Disposable waiting = connection;
            if (waiting != null) {
                waiting.dispose();
            }
            giveUp(status);
            return true;
        }
        return false;
    }

    private void make() {
        step = Step.SEND;
        try {
            make(sent, taken);
        } catch (
                Throwable
                        e) { // whatever a store or an allocator throws is the end of this command, and of nothing else
            answered(null, e);
        }
    }

    @Override
    public final void answered(@Nullable ByteBuf made, @Nullable Throwable cause) {
        part = made;
        failure = cause;
        advance();
    }

    private void send() {
        ByteBuf bytes = part;
        part = null;
        int expected = taken;
        if (failure != null || bytes == null || bytes.refCnt() == 0 || bytes.readableBytes() != expected) {
            Status status = failed(sent, expected, bytes, failure);
            release(bytes);
            giveUp(status);
            return;
        }
        if (queue.ended()) {
            bytes.release();
            giveUp(TargetStatus.INTERNAL_ERROR);
            return;
        }
        SendOutcome outcome = command.send(sent, bytes);
        if (outcome instanceof SendOutcome.Rejected rejected) {
            giveUp(rejected.status());
            return;
        }
        queue.memory().handedOver(expected);
        sent += expected;
        if (outcome == SendOutcome.MORE && sent < length) {
            step = Step.AWAIT_MEMORY;
            again = true;
        } else if (outcome == SendOutcome.COMPLETE) {
            end(Status.SUCCESS);
        } else if (outcome == SendOutcome.COMPLETE_SUCCESS_SENT) {
            step = Step.DONE;
            command.release();
            queue.completeSilently(commandId);
        } else {
            end(TargetStatus.INTERNAL_ERROR);
        }
    }

    private static void release(@Nullable ByteBuf bytes) {
        if (bytes != null && bytes.refCnt() > 0) {
            bytes.release();
        }
    }

    private void giveUp(Status status) {
        int bytes = taken;
        taken = 0;
        step = Step.DONE;
        queue.memory().data().give(bytes);
        end(status);
    }

    private void end(Status status) {
        step = Step.DONE;
        queue.waiting().remove(this);
        queue.complete(command, commandId, status);
    }
}
