package io.nvmf;

import io.nvmf.host.Failures;
import io.nvmf.host.HostQueue;
import io.nvmf.host.Request;
import io.nvmf.transport.Completion;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;

/**
 * One single command of a namespace and one subscription: a single object is request and subscription, so that an I/O costs
 * little more than its command.
 *
 * @param <T> what the subscriber gets
 */
abstract class NamespaceRequest<T> extends Request implements Subscription {

    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<NamespaceRequest> STATE =
            AtomicIntegerFieldUpdater.newUpdater(NamespaceRequest.class, "state");

    private static final int SUBSCRIBED = 0;
    private static final int SUBMITTED = 1;
    private static final int ENDED = 2;

    final CoreSubscriber<? super T> actual;
    final NvmCommands commands;
    private final HostQueue target;

    private volatile int state;

    NamespaceRequest(CoreSubscriber<? super T> actual, NvmCommands commands, HostQueue target) {
        this.actual = actual;
        this.commands = commands;
        this.target = target;
    }

    /** Submits the command, unless that was done or the subscriber has cancelled. */
    final void start() {
        if (STATE.compareAndSet(this, SUBSCRIBED, SUBMITTED)) {
            target.submit(this);
        }
    }

    /** Gives the subscriber what it waits for. */
    abstract void succeeded(Completion completion);

    /** Releases data that no command took over; nothing by default. */
    void releaseUnsent() {}

    /** Whether demand is what starts the command; if not, the subscription does. */
    boolean startsOnDemand() {
        return false;
    }

    @Override
    public final void request(long n) {
        if (n < 1) {
            if (leave()) {
                actual.onError(Exceptions.nullOrNegativeRequestException(n));
            }
        } else if (startsOnDemand()) {
            start();
        }
    }

    @Override
    public final void cancel() {
        leave();
    }

    private boolean leave() {
        if (state == ENDED) {
            return false;
        }
        int before = STATE.getAndSet(this, ENDED);
        if (before == SUBSCRIBED) {
            releaseUnsent();
        } else if (before == SUBMITTED) {
            target.cancel(this);
        }
        return before != ENDED;
    }

    @Override
    protected final void completed(Completion completion) {
        if (!STATE.compareAndSet(this, SUBMITTED, ENDED)) {
            completion.release();
            return;
        }
        RuntimeException failure = commands.failure(completion);
        if (failure == null) {
            succeeded(completion);
        } else {
            completion.release();
            actual.onError(failure);
        }
    }

    @Override
    protected final void failed(RuntimeException failure, Failures.Outcome outcome) {
        releaseUnsent();
        if (STATE.compareAndSet(this, SUBMITTED, ENDED)) {
            actual.onError(failure);
        }
    }

    @Override
    protected final void dropped() {
        releaseUnsent();
    }
}
