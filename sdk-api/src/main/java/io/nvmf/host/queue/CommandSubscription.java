package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.transport.JvmFailures;
import io.nvmf.transport.ResponseCapsule;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.util.context.Context;

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

    /** Where the command is; null until it is dispatched. */
    private volatile @Nullable RequestPlace place;

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

    /**
     * Releases what this holds itself, apart from what commands were given. Called once or several times when no
     * further command follows. Nothing by default.
     */
    protected void release() {}

    /**
     * Offers this to be submitted again, as {@link QueueSelector#takeOver(Request, RuntimeException, CommandOutcome)}
     * does.
     *
     * @param failure why the command failed
     * @param outcome what is known of it
     * @return null if it was taken over; the failure by default
     */
    protected @Nullable RuntimeException takeOver(RuntimeException failure, CommandOutcome outcome) {
        return failure;
    }

    /**
     * Offers this to be submitted again, as {@link QueueSelector#takeOver(Request, NvmeStatusException)} does.
     *
     * @param answer the error that the command was answered with
     * @return whether it was taken over; false by default
     */
    protected boolean takeOver(NvmeStatusException answer) {
        return false;
    }

    /** Submits the command, unless that was done or the subscription has ended. */
    protected final void start() {
        if (STATE.compareAndSet(this, SUBSCRIBED, SUBMITTED)) {
            HostQueue queue = chooseQueue();
            place = queue;
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

    /** Fails a command that has not been dispatched; false if it has, or the subscription has ended. */
    final boolean fail(RuntimeException failure) {
        if (!STATE.compareAndSet(this, SUBSCRIBED, ENDED)) {
            return false;
        }
        release();
        actual.onError(failure);
        return true;
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
            release();
        } else if (before == SUBMITTED) {
            // Without a place yet, the command is just being dispatched, and the queue will find it abandoned.
            RequestPlace where = place;
            if (where != null) {
                where.cancel(this);
            }
        }
        return before != ENDED;
    }

    @Override
    protected final Context currentContext() {
        return actual.currentContext();
    }

    @Override
    protected final boolean abandoned() {
        return state == ENDED;
    }

    @Override
    public final @Nullable RequestPlace place() {
        return place;
    }

    @Override
    public final void place(RequestPlace where) {
        place = where;
    }

    @Override
    protected final void completed(Command command, ResponseCapsule response, @Nullable ByteBuf data, int bytes) {
        RuntimeException failure = failure(command, response, bytes);
        if (failure instanceof NvmeStatusException answer && state != ENDED && takeOver(answer)) {
            releaseUnwanted(data);
            return;
        }
        over();
        if (!end()) {
            releaseUnwanted(data);
        } else if (failure != null) {
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
        RuntimeException told = state == ENDED ? failure : takeOver(failure, outcome);
        if (told == null) {
            return;
        }
        over();
        if (end()) {
            actual.onError(told);
        }
    }

    @Override
    protected final void dropped() {
        over();
    }

    @Override
    protected final void orphaned() {
        over();
    }

    /** No further command follows. */
    private void over() {
        release();
        leavePlace();
    }
}
