package io.nvmf.target;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Status;
import io.nvmf.transport.ReceivedCommand;
import io.nvmf.transport.SendOutcome;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * A Read on its way from the store to the host, one part at a time: a part is read when the connection takes data and there is
 * memory for it, and sent when it is there. A store that answers at once takes a small read from command to response within one
 * call and without a subscription.
 */
final class ReadTransfer implements CoreSubscriber<ByteBuf>, TransferBudget.Waiter, Runnable {

    /** Most bytes that are asked of the store at once. */
    static final int PART = 128 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ReadTransfer.class);

    private enum Step {
        AWAIT_CONNECTION,
        AWAIT_MEMORY,
        READ,
        SEND,
        DONE
    }

    private final TargetQueue queue;
    private final ReceivedCommand command;
    private final int commandId;
    private final BlockStore store;
    private final long offset;
    private final long length;

    private Step step = Step.AWAIT_CONNECTION;
    private long sent;
    private boolean advancing;
    private boolean again;

    /** The part, or why there is none: handed over from the thread of the store. */
    private @Nullable ByteBuf part;

    private @Nullable Throwable failure;

    ReadTransfer(
            TargetQueue queue, ReceivedCommand command, int commandId, BlockStore store, long offset, long length) {
        this.queue = queue;
        this.command = command;
        this.commandId = commandId;
        this.store = store;
        this.offset = offset;
        this.length = length;
    }

    /** Goes on until something has to be waited for. A signal from within a step comes back here and is not lost. */
    void advance() {
        again = true;
        if (advancing) {
            return;
        }
        advancing = true;
        while (again) {
            again = false;
            switch (step) {
                case AWAIT_CONNECTION -> awaitConnection();
                case AWAIT_MEMORY -> awaitMemory();
                case READ -> read();
                case SEND -> send();
                case DONE -> {}
            }
        }
        advancing = false;
    }

    private void awaitConnection() {
        step = Step.AWAIT_MEMORY;
        Mono<Void> writable = queue.queuePair().writable();
        if (writable instanceof Callable) {
            again = true;
        } else {
            writable.subscribe(nothing -> {}, ignored -> {}, () -> queue.execute(this::advance));
        }
    }

    private void awaitMemory() {
        if (queue.ended()) {
            end(Statuses.INTERNAL_ERROR);
            return;
        }
        step = Step.READ;
        again = queue.budget().take(this);
    }

    @Override
    public int needed() {
        return (int) Math.min(PART, length - sent);
    }

    @Override
    public void granted() {
        advance();
    }

    private void read() {
        step = Step.SEND;
        try {
            Mono<ByteBuf> bytes = store.read(offset + sent, needed());
            if (bytes instanceof Callable<?> inPlace) {
                part = (ByteBuf) inPlace.call();
                again = true;
            } else {
                bytes.subscribe(this);
            }
        } catch (Exception e) {
            failure = e;
            again = true;
        }
    }

    @Override
    public void onSubscribe(Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuf bytes) {
        part = bytes;
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        queue.execute(this);
    }

    @Override
    public void onComplete() {
        queue.execute(this);
    }

    /** The store has answered. */
    @Override
    public void run() {
        advance();
    }

    private void send() {
        int expected = needed();
        queue.budget().give(expected);
        ByteBuf bytes = part;
        part = null;
        if (failure != null || bytes == null || bytes.readableBytes() != expected) {
            LOG.warn("the store failed to read {}+{}: {}, {}", offset + sent, expected, bytes, String.valueOf(failure));
            if (bytes != null) {
                bytes.release();
            }
            end(Statuses.UNRECOVERED_READ_ERROR);
            return;
        }
        SendOutcome outcome = command.send(sent, bytes);
        sent += expected;
        if (outcome == SendOutcome.MORE && sent < length) {
            step = Step.AWAIT_CONNECTION;
            again = true;
        } else if (outcome == SendOutcome.COMPLETE) {
            end(Status.SUCCESS);
        } else if (outcome == SendOutcome.COMPLETE_SUCCESS_SENT) {
            step = Step.DONE;
            command.release();
            queue.completeSilently(commandId);
        } else {
            end(outcome instanceof SendOutcome.Rejected rejected ? rejected.status() : Statuses.INTERNAL_ERROR);
        }
    }

    private void end(Status status) {
        step = Step.DONE;
        queue.complete(command, commandId, status);
    }
}
