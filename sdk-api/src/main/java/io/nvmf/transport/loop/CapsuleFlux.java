package io.nvmf.transport.loop;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The stream of received capsules: one subscriber ever, serial, strictly by demand. What arrives without demand is parked;
 * what can no longer be delivered is discarded. State belongs to the executor.
 */
final class CapsuleFlux<T> extends Flux<T> implements Subscription {

    private final EventExecutor executor;
    private final Consumer<? super T> discard;
    private final ArrayDeque<T> parked = new ArrayDeque<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean cancelled;
    private @Nullable CoreSubscriber<? super T> subscriber;
    private @Nullable Throwable failure;
    private long demand;
    private boolean ended;
    private boolean draining;

    CapsuleFlux(EventExecutor executor, Consumer<? super T> discard) {
        this.executor = executor;
        this.discard = discard;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        if (!taken.compareAndSet(false, true)) {
            Operators.error(
                    actual,
                    new IllegalStateException("received capsules have one subscriber in the life of a queue pair"));
            return;
        }
        actual.onSubscribe(this);
        EventLoopTasks.run(executor, () -> {
            subscriber = actual;
            drain();
        });
    }

    @Override
    public void request(long n) {
        EventLoopTasks.run(executor, () -> {
            if (n < 1) {
                failure = new IllegalArgumentException("request of " + n + " elements; section 3.9 wants at least 1");
            } else {
                demand = Operators.addCap(demand, n);
            }
            drain();
        });
    }

    @Override
    public void cancel() {
        cancelled = true;
        EventLoopTasks.run(executor, this::drain);
    }

    /** A capsule has arrived; executor only. */
    void emit(T capsule) {
        parked.add(capsule);
        drain();
    }

    /** Nothing is delivered from now on but the end; executor only. */
    void end() {
        ended = true;
        drain();
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            deliver();
        } finally {
            draining = false; // a subscriber that throws does not silence the end
        }
    }

    private void deliver() {
        CoreSubscriber<? super T> actual = subscriber;
        if (actual != null) {
            while (demand > 0 && !ended && !cancelled && failure == null && !parked.isEmpty()) {
                if (demand != Long.MAX_VALUE) {
                    demand--;
                }
                actual.onNext(parked.remove());
            }
        }
        if (actual != null && !cancelled && (ended || failure != null)) {
            cancelled = true;
            if (failure != null) {
                actual.onError(failure);
            } else {
                actual.onComplete();
            }
        }
        if (cancelled || ended) {
            for (T capsule = parked.poll(); capsule != null; capsule = parked.poll()) {
                discard.accept(capsule);
            }
        }
        if (cancelled) {
            subscriber = null;
        }
    }
}
