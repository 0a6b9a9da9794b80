package io.nvmf.transport.support;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The stream of received capsules of a queue pair, see {@link io.nvmf.transport.HostQueuePair#responses} and
 * {@link io.nvmf.transport.ControllerQueuePair#commands}: hot, one subscriber ever, everything signalled on the event
 * loop. The transport sees the demand, and reads from the peer only while there is some. Capsules that arrive beyond
 * demand, because data behind them had to be read, wait; the transport bounds how many.
 *
 * <p>Event loop only but for {@link #subscribe}, {@link #request} and {@link #cancel}.
 *
 * @param <T> the capsules
 */
public final class CapsuleFlux<T> extends Flux<T> implements Subscription {

    private final EventExecutor executor;
    private final Runnable demandChanged;
    private final Consumer<? super T> discard;
    private final ArrayDeque<T> waiting = new ArrayDeque<>();

    private final AtomicBoolean subscribed = new AtomicBoolean();

    /**
     * Set by the canceller itself: a capsule that overtakes its hand-over to the event loop is discarded, not
     * delivered.
     */
    private volatile boolean cancelled;

    // Event loop only.
    private @Nullable CoreSubscriber<? super T> subscriber;
    private long demand;
    private boolean completed;
    private boolean finished;
    private boolean draining;
    private @Nullable Throwable illegalRequest;

    /**
     * Creates the stream.
     *
     * @param executor the event loop
     * @param demandChanged called on the event loop when demand arrives
     * @param discard gets capsules that will not be delivered
     */
    public CapsuleFlux(EventExecutor executor, Runnable demandChanged, Consumer<? super T> discard) {
        this.executor = executor;
        this.demandChanged = demandChanged;
        this.discard = discard;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        if (!subscribed.compareAndSet(false, true)) {
            Operators.error(actual, new IllegalStateException("received capsules have one subscriber"));
            return;
        }
        actual.onSubscribe(this);
        EventLoopTasks.run(executor, () -> {
            Throwable illegal = illegalRequest;
            if (illegal != null && !cancelled) {
                actual.onError(illegal);
            } else if (!finished) {
                subscriber = actual;
                drain();
                demandChanged.run();
            }
        });
    }

    @Override
    public void request(long n) {
        if (executor.inEventLoop()) {
            demand(n);
        } else {
            EventLoopTasks.run(executor, () -> demand(n));
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        EventLoopTasks.run(executor, () -> {
            finished = true;
            subscriber = null;
            demand = 0;
            dropWaiting();
        });
    }

    /** {@return whether the subscriber waits for more capsules than there are} */
    public boolean hasDemand() {
        return subscriber != null && demand > waiting.size();
    }

    /** {@return how many capsules wait for demand} */
    public int waiting() {
        return waiting.size();
    }

    /**
     * A capsule has arrived. It is delivered, kept until there is demand, or discarded if nobody listens any more.
     *
     * @param capsule belongs to this stream from here on
     */
    public void emit(T capsule) {
        if (finished || completed || cancelled) {
            discard.accept(capsule);
            return;
        }
        CoreSubscriber<? super T> target = subscriber;
        if (target != null && demand > 0 && !draining && waiting.isEmpty()) {
            // The usual case; the flag keeps a capsule that comes from within onNext behind this one.
            draining = true;
            try {
                consumeOne();
                target.onNext(capsule);
            } finally {
                draining = false; // a subscriber that throws still hears of the end
            }
            drain();
        } else {
            waiting.add(capsule);
        }
    }

    /** Completes the stream, because the queue pair ends; capsules that wait are discarded. */
    public void complete() {
        completed = true;
        drain();
        dropWaiting();
    }

    private void demand(long n) {
        if (finished) {
            return;
        }
        if (n <= 0) {
            CoreSubscriber<? super T> target = subscriber;
            finished = true;
            subscriber = null;
            dropWaiting();
            Throwable illegal = Exceptions.nullOrNegativeRequestException(n);
            if (target != null) {
                target.onError(illegal);
            } else {
                // From within onSubscribe: the subscription is told when it is complete.
                illegalRequest = illegal;
            }
            return;
        }
        demand = Operators.addCap(demand, n);
        drain();
        demandChanged.run();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        CoreSubscriber<? super T> target = subscriber;
        try {
            while (target != null && demand > 0 && !completed && !finished && !cancelled) {
                T capsule = waiting.poll();
                if (capsule == null) {
                    break;
                }
                consumeOne();
                target.onNext(capsule);
            }
        } finally {
            draining = false;
        }
        if (completed && !finished && !cancelled && target != null) {
            finished = true;
            subscriber = null;
            target.onComplete();
        }
    }

    private void consumeOne() {
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
    }

    private void dropWaiting() {
        T capsule;
        while ((capsule = waiting.poll()) != null) {
            discard.accept(capsule);
        }
    }
}
