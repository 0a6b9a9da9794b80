package io.nvmf.transport;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Hands something that has to be closed to one subscriber, so that it has an owner at every moment: until it is handed
 * over it is the source's, afterwards the subscriber's, and what meets a cancelled subscription is closed. For
 * transports, which hand out queue pairs, and for the layers above.
 *
 * <p>Errors that come when nobody listens any more are logged at debug level and reach no hook of Reactor: who has
 * cancelled has asked not to hear of them. All methods may be called from any thread.
 *
 * @param <T> what is handed over
 */
public final class Handover<T> {

    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    /** Nothing to give and nobody who has asked. */
    private static final int OPEN = 0;
    /** Asked for. */
    private static final int WANTED = 1;
    /** There, and not yet asked for. */
    private static final int READY = 2;
    /** Within the subscriber's onNext. */
    private static final int GIVING = 3;
    /** Cancelled from another thread while it was handed over. */
    private static final int DOUBTFUL = 4;
    /** Handed over, perhaps to an operator that has dropped it and whose cancel has not arrived yet. */
    private static final int GIVEN = 5;

    private static final int ENDED = 6;
    private static final int CANCELLED = 7;

    /**
     * How long a thread may take between its decision to drop what it gets and its cancel, where it cannot be seen
     * whether something has been dropped; a cancel that comes later is about something else.
     */
    private static final long DOUBT_NANOS = 100_000_000;

    private final CoreSubscriber<? super T> actual;
    private final Consumer<? super T> unwanted;
    private final Consumer<? super T> doubtful;

    private final AtomicInteger state = new AtomicInteger(OPEN);

    /** What a cancel runs. */
    private final Disposable.Swap onCancel = Disposables.swap();

    /** Written before READY and GIVING, read after. */
    private @Nullable T value;

    /** Written before GIVING. */
    private @Nullable Thread giver;

    /** Written before GIVEN. */
    private long givenAt;

    /** Whether an operator has cancelled within onNext, on the thread that called it; that thread's. */
    private boolean stopped;

    private Handover(CoreSubscriber<? super T> actual, Consumer<? super T> unwanted, Consumer<? super T> doubtful) {
        this.actual = actual;
        this.unwanted = unwanted;
        this.doubtful = doubtful;
    }

    /**
     * A source. Cold: each subscription starts the work anew, whether or not there is demand.
     *
     * @param start begins the work; what it throws is the error
     * @param unwanted closes what comes when the subscription is cancelled; must not block or throw
     * @param <T> what is handed over
     * @return emits what {@link #give} gets, fails with what {@link #fail} gets
     */
    public static <T> Mono<T> create(Consumer<? super Handover<T>> start, Consumer<? super T> unwanted) {
        return create(start, unwanted, unwanted);
    }

    /**
     * A source that treats apart what was cancelled from another thread while it was handed over, which is until
     * {@code onNext} and {@code onComplete} have returned. The subscriber may have got it before it cancelled or may
     * have dropped it, and only the source can find out whether it is used. What is cancelled later is the subscriber's
     * and is not closed; where it cannot be seen whether it has arrived, as with operators that take from several
     * sources, later is 100 ms later.
     *
     * @param start begins the work; what it throws is the error
     * @param unwanted closes what comes when the subscription is cancelled; must not block or throw
     * @param doubtful closes what the subscriber may have dropped, unless it is used; must not block or throw
     * @param <T> what is handed over
     * @return emits what {@link #give} gets, fails with what {@link #fail} gets
     */
    public static <T> Mono<T> create(
            Consumer<? super Handover<T>> start, Consumer<? super T> unwanted, Consumer<? super T> doubtful) {
        return Source.assemble(new Source<>(start, unwanted, doubtful));
    }

    /**
     * Hands over what another source makes that does not know whether its subscriber is still there. It runs to its end
     * even if the subscription is cancelled, and what it emits then is closed; for sources that end soon by themselves.
     *
     * @param source makes what has to be closed
     * @param unwanted closes what comes when the subscription is cancelled; must not block or throw
     * @param <T> what is handed over
     * @return emits what the source emits
     */
    public static <T> Mono<T> of(Mono<T> source, Consumer<? super T> unwanted) {
        return create(handover -> source.subscribe(handover::give, handover::fail, null, handover.context()), unwanted);
    }

    /**
     * The context of the subscriber, for sources below.
     *
     * @return the context
     */
    public Context context() {
        return actual.currentContext();
    }

    /**
     * Sets what a cancel does, instead of what was set before. Runs at once if the subscription is cancelled already;
     * never when the handover has ended otherwise.
     *
     * @param action must not block or throw
     */
    public void onCancel(Runnable action) {
        onCancel.replace(action::run);
    }

    /**
     * Hands over, at once or when it is asked for.
     *
     * @param given the subscriber's from now on, or closed; closed, too, if there was an end before
     */
    public void give(T given) {
        // only the first may write the field that others read
        for (int seen = state.get(); seen == OPEN || seen == WANTED; seen = state.get()) {
            value = given;
            if (seen == WANTED) {
                giver = Thread.currentThread();
                if (state.compareAndSet(WANTED, GIVING)) {
                    handOver(given);
                    return;
                }
            } else if (state.compareAndSet(OPEN, READY)) {
                return;
            }
        }
        unwanted.accept(given);
    }

    /**
     * Fails. Does nothing but log when the handover has ended.
     *
     * @param failure the error
     */
    public void fail(Throwable failure) {
        if (end()) {
            actual.onError(failure);
        } else {
            LOG.debug("nobody waits for this failure any more", failure);
        }
    }

    private boolean end() {
        return state.compareAndSet(OPEN, ENDED) || state.compareAndSet(WANTED, ENDED);
    }

    private void handOver(T given) {
        try {
            actual.onNext(given);
        } catch (Throwable broken) {
            // a subscriber that throws has not taken it
            state.set(ENDED);
            unwanted.accept(given);
            throw broken;
        }
        givenAt = System.nanoTime();
        if (!state.compareAndSet(GIVING, GIVEN)) {
            doubt(given);
        }
        actual.onComplete();
        if (!stopped && Downstream.hasArrived(actual)) {
            state.compareAndSet(GIVEN, ENDED); // what is cancelled from now on is about what came of it
        }
    }

    private void doubt(T given) {
        if (!Downstream.changesThread(actual)) {
            doubtful.accept(given);
        }
    }

    private void requested(long n) {
        if (n <= 0) {
            if (cancelled()) {
                actual.onError(Exceptions.nullOrNegativeRequestException(n));
            }
            return;
        }
        if (state.compareAndSet(OPEN, WANTED)) {
            return;
        }
        T waiting = value;
        if (state.get() == READY && waiting != null) {
            giver = Thread.currentThread();
            if (state.compareAndSet(READY, GIVING)) {
                handOver(waiting);
            }
        }
    }

    /** Ends from the side of the subscriber; false if that changes nothing. */
    private boolean cancelled() {
        for (int seen = state.get(); seen != CANCELLED && seen != ENDED && seen != DOUBTFUL; seen = state.get()) {
            if (seen == GIVING || seen == GIVEN) {
                if (giver == Thread.currentThread()) {
                    // an operator that has what it wants, such as next(), or that says once more that it does not
                    stopped = true;
                    return false;
                }
                if (cancelledWhileGiven(seen)) {
                    return false;
                }
            } else if (state.compareAndSet(seen, CANCELLED)) {
                onCancel.dispose();
                T waiting = value;
                if (seen == READY && waiting != null) {
                    unwanted.accept(waiting);
                }
                return true;
            }
        }
        return false;
    }

    private boolean cancelledWhileGiven(int seen) {
        if (seen == GIVING) {
            return state.compareAndSet(GIVING, DOUBTFUL); // and the giver looks
        }
        T given = value;
        if (System.nanoTime() - givenAt < DOUBT_NANOS && state.compareAndSet(GIVEN, DOUBTFUL) && given != null) {
            doubt(given);
        }
        return true;
    }

    private void start(Consumer<? super Handover<T>> work) {
        actual.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                requested(n);
            }

            @Override
            public void cancel() {
                cancelled();
            }
        });
        if (state.get() == CANCELLED) {
            return;
        }
        try {
            work.accept(this);
        } catch (Throwable failed) {
            fail(failed);
        }
    }

    private static final class Source<T> extends Mono<T> {

        private final Consumer<? super Handover<T>> start;
        private final Consumer<? super T> unwanted;
        private final Consumer<? super T> doubtful;

        Source(Consumer<? super Handover<T>> start, Consumer<? super T> unwanted, Consumer<? super T> doubtful) {
            this.start = start;
            this.unwanted = unwanted;
            this.doubtful = doubtful;
        }

        static <T> Mono<T> assemble(Source<T> source) {
            return from(onAssembly(source));
        }

        @Override
        public void subscribe(CoreSubscriber<? super T> subscriber) {
            new Handover<T>(subscriber, unwanted, doubtful).start(start);
        }
    }
}
