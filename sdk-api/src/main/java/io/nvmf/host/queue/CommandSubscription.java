package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;

/**
 * One command and one subscription to its outcome: a single object is request and subscription, so that a command costs
 * little more than itself. The subscriber speaks on any thread, the queue on its event loop; whoever ends the
 * subscription first ends it.
 *
 * @param <T> what the subscriber gets
 */
public abstract class CommandSubscription<T> extends Request implements Subscription {

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<CommandSubscription> STATE =
            AtomicIntegerFieldUpdater.newUpdater(CommandSubscription.class, "state");

    private static final int SUBSCRIBED = 0;
    private static final int SUBMITTED = 1;
    private static final int ENDED = 2;

    /** Who waits for the command. */
    protected final CoreSubscriber<? super T> actual;

    private volatile int state;

    /** Where the command went; null until it is dispatched. */
    private volatile @Nullable HostQueue target;

    /**
     * A subscription on which nothing has been asked for.
     *
     * @param actual who waits for the command
     */
    protected CommandSubscription(CoreSubscriber<? super T> actual) {
        this.actual = actual;
    }

    /**
     * Chooses where the command goes; asked once, when it is dispatched.
     *
     * @return the queue
     */
    protected abstract HostQueue chooseQueue();

    /**
     * Hands this request to the queue.
     *
     * @param queue what {@link #chooseQueue()} said
     */
    protected abstract void submit(HostQueue queue);

    /**
     * Why an answer is no success.
     *
     * @param command what was asked
     * @param response with any status
     * @param bytes number of bytes that were moved
     * @return null if it is one
     */
    protected abstract @Nullable RuntimeException failure(Command command, ResponseCapsule response, int bytes);

    /**
     * Gives the subscriber the element it waits for, if there is one; the end follows by itself.
     *
     * @param command what was asked
     * @param response a success
     * @param data memory of the SDK with what was received, now the receiver's; null if there is none
     * @param bytes number of bytes that were moved
     */
    protected abstract void succeeded(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes);

    /** Releases data that no command took over; may be called when some did. Nothing by default. */
    protected void releaseUnsent() {}

    /** Submits the command, unless that was done or the subscription has ended. */
    protected final void start() {
        if (STATE.compareAndSet(this, SUBSCRIBED, SUBMITTED)) {
            HostQueue queue = chooseQueue();
            target = queue;
            submit(queue);
        }
    }

    /** There is demand: submits the command by default. */
    protected void demanded() {
        start();
    }

    /**
     * Ends the subscription from the side of the queue.
     *
     * @return false if the subscriber has ended it
     */
    protected final boolean end() {
        return STATE.compareAndSet(this, SUBMITTED, ENDED);
    }

    @Override
    public final void request(long n) {
        if (n > 0) {
            demanded();
        } else if (leave()) {
            actual.onError(Exceptions.nullOrNegativeRequestException(n));
        }
    }

    @Override
    public final void cancel() {
        leave();
    }

    /** Ends the subscription from the subscriber's side; false if it has ended already. */
    private boolean leave() {
        if (state == ENDED) {
            return false;
        }
        int before = STATE.getAndSet(this, ENDED);
        if (before == SUBSCRIBED) {
            releaseUnsent();
        } else if (before == SUBMITTED) {
            // Without a queue yet, the command is just being dispatched, and the queue will find it abandoned.
            HostQueue queue = target;
            if (queue != null) {
                queue.cancel(this);
            }
        }
        return before != ENDED;
    }

    @Override
    protected final boolean abandoned() {
        return state == ENDED;
    }

    @Override
    protected final void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        if (!end()) {
            releaseUnwanted(data);
            return;
        }
        RuntimeException failure = failure(command, response, bytes);
        if (failure != null) {
            releaseUnwanted(data);
            actual.onError(failure);
        } else if (delivered(command, response, data, bytes)) {
            actual.onComplete();
        }
    }

    /**
     * An operator that rethrows what its user's code throws has not ended; so this tells it, or its subscriber never
     * hears.
     */
    private boolean delivered(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        try {
            succeeded(command, response, data, bytes);
            return true;
        } catch (Throwable thrown) {
            JvmFailures.throwIfJvmFailure(thrown);
            actual.onError(thrown);
            return false;
        }
    }

    @Override
    protected final void failed(RuntimeException failure, CommandOutcome outcome) {
        releaseUnsent();
        if (end()) {
            actual.onError(failure);
        }
    }

    @Override
    protected final void dropped() {
        releaseUnsent();
    }
}
