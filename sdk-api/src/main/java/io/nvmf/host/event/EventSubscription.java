package io.nvmf.host.event;

import io.nvmf.event.NvmeEvent;
import io.nvmf.event.NvmeEvent.Missed;
import io.nvmf.event.NvmeEvent.MissedReason;
import io.nvmf.host.queue.Dropped;
import io.nvmf.transport.JvmFailures;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;

/**
 * One subscriber of events, with those that wait for its demand. When too many wait, the oldest go, and the subscriber
 * is told how many before it gets the next one. Any thread; signals are serial.
 */
final class EventSubscription implements Subscription {

    private final CoreSubscriber<? super NvmeEvent> actual;
    private final Consumer<EventSubscription> ended;
    private final Queue<NvmeEvent> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong missed = new AtomicLong();
    private final AtomicLong requested = new AtomicLong();

    /** Above 0 while somebody signals; whoever comes then only counts. */
    private final AtomicInteger work = new AtomicInteger();

    private volatile @Nullable Throwable badRequest;
    private volatile boolean completed;
    private volatile boolean done;

    /**
     * @param ended told once when nothing follows
     */
    EventSubscription(CoreSubscriber<? super NvmeEvent> actual, Consumer<EventSubscription> ended) {
        this.actual = actual;
        this.ended = ended;
    }

    /** Hands an event over, now or when there is demand. */
    void offer(NvmeEvent event) {
        waiting.add(event);
        if (count.incrementAndGet() > NvmeEvent.MOST_WAITING && waiting.poll() != null) {
            // In this order: who sees no event waiting sees those that were dropped.
            missed.incrementAndGet();
            count.decrementAndGet();
        }
        drain();
    }

    /** Nothing follows but what waits. */
    void complete() {
        completed = true;
        drain();
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            badRequest = Exceptions.nullOrNegativeRequestException(n);
        } else {
            requested.accumulateAndGet(n, Operators::addCap);
        }
        drain();
    }

    @Override
    public void cancel() {
        end();
        drain();
    }

    /** {@return whether nothing follows} */
    boolean isDone() {
        return done;
    }

    private void end() {
        done = true;
        ended.accept(this);
    }

    private void drain() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                signal();
            } catch (Throwable thrown) {
                // A subscriber that throws has ended itself, and nobody else.
                end();
                JvmFailures.throwIfJvmFailure(thrown);
                Dropped.error(thrown, actual.currentContext());
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private void signal() {
        while (!done) {
            Throwable bad = badRequest;
            if (bad != null) {
                end();
                actual.onError(bad);
                return;
            }
            boolean last = completed;
            NvmeEvent next = requested.get() > 0 ? next() : null;
            if (next == null) {
                if (last && count.get() == 0 && missed.get() == 0) {
                    end();
                    actual.onComplete();
                }
                return;
            }
            if (requested.get() != Long.MAX_VALUE) {
                requested.decrementAndGet();
            }
            actual.onNext(next);
        }
        waiting.clear();
    }

    private @Nullable NvmeEvent next() {
        long gap = missed.getAndSet(0);
        if (gap > 0) {
            return new Missed(MissedReason.SLOW_SUBSCRIBER, gap);
        }
        NvmeEvent event = waiting.poll();
        if (event != null) {
            count.decrementAndGet();
        }
        return event;
    }
}
