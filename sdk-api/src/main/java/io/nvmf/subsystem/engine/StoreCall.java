package io.nvmf.subsystem.engine;

import io.netty.util.ReferenceCountUtil;
import io.nvmf.subsystem.BlockStore;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * One call of a store for a command, whatever the store does: throw, answer nothing, twice, or from a thread of its
 * own. The listener gets exactly one answer, on the event loop of the queue; what comes beyond that is released. Only a
 * store that never answers leaves a call open, and {@link StoreCalls} knows it.
 */
final class StoreCall<T> implements CoreSubscriber<T>, Runnable {

    /** Stands for the answer once it has been taken. */
    private static final Object TAKEN = new Object();

    private final TargetQueue queue;
    private final Listener<T> listener;
    private final String operation;
    private final Object store;

    /** Null, the element, or {@link #TAKEN}: any thread. */
    private final AtomicReference<@Nullable Object> element = new AtomicReference<>();

    /** Handed over from the thread of the store. */
    private @Nullable Object value;

    private @Nullable Throwable failure;

    @Nullable
    StoreCall<?> previous;

    @Nullable
    StoreCall<?> next;

    /** Who waits for a store. */
    interface Listener<T> {

        /**
         * The store has answered; on the event loop.
         *
         * @param value what it answered with, if it did; the listener's to release
         * @param failure why it failed, if it did
         */
        void answered(@Nullable T value, @Nullable Throwable failure);
    }

    private StoreCall(TargetQueue queue, String operation, Object store, Listener<T> listener) {
        this.queue = queue;
        this.operation = operation;
        this.store = store;
        this.listener = listener;
    }

    /**
     * Waits for a store, or does at once what it can do in place, see {@link BlockStore}.
     *
     * @param operation what it is asked for, for people
     * @param store whom to ask, or the name of it
     * @param work what it returned; null, which it must not be, is a failure
     */
    @SuppressWarnings("unchecked") // a Mono<T> that is a Callable gives what it emits
    static <T> void await(
            TargetQueue queue, String operation, Object store, @Nullable Mono<T> work, Listener<T> listener) {
        T done = null;
        Throwable failure = null;
        if (work == null) {
            failure = new NullPointerException("the store returned null");
        } else if (work instanceof Callable<?> inPlace) {
            try {
                done = (T) inPlace.call();
            } catch (Throwable e) { // whatever a store throws is the end of this command, and of nothing else
                failure = e;
            }
        } else {
            new StoreCall<>(queue, operation, store, listener).subscribeTo(work);
            return;
        }
        listener.answered(done, failure);
    }

    private void subscribeTo(Mono<T> work) {
        queue.calls().add(this);
        try {
            work.subscribe(this);
        } catch (Throwable e) { // see above; Reactor hands on what it takes for fatal
            onError(e);
        }
    }

    @Override
    public void onSubscribe(Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(T answer) {
        if (!element.compareAndSet(null, answer)) {
            ReferenceCountUtil.safeRelease(answer);
        }
    }

    @Override
    public void onError(Throwable error) {
        end(error);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    @SuppressWarnings("ReferenceEquality")
    private void end(@Nullable Throwable error) {
        Object last = element.getAndSet(TAKEN);
        if (last != TAKEN) {
            value = last;
            failure = error;
            queue.execute(this);
        }
    }

    /** On the event loop. */
    @Override
    @SuppressWarnings("unchecked") // onNext has nothing else
    public void run() {
        queue.calls().remove(this);
        listener.answered((T) value, failure);
    }

    @SuppressWarnings("ReferenceEquality") // it is this store or another
    boolean isOf(Object asked) {
        return store == asked;
    }

    @Override
    public String toString() {
        return operation + " of " + store;
    }
}
