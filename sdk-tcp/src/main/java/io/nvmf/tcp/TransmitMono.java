package io.nvmf.tcp;

import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Sends a capsule once per subscription, and takes it back when cancelled in time. */
final class TransmitMono<C> extends Mono<Void> {

    private final TcpQueuePair<C, ?> queuePair;
    private final C capsule;

    TransmitMono(TcpQueuePair<C, ?> queuePair, C capsule) {
        this.queuePair = queuePair;
        this.capsule = capsule;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        Transmission<C> transmission = new Transmission<>(actual, queuePair, capsule);
        actual.onSubscribe(transmission);
        EventLoopTasks.run(queuePair.executor(), transmission::start);
    }

    /**
     * One capsule on its way, as an element of the queue of unconverted capsules. Event loop only but for cancel, whose thread
     * decides on the spot: what has not become bytes by then never will.
     */
    static final class Transmission<C> implements Subscription {

        @SuppressWarnings("rawtypes")
        private static final AtomicIntegerFieldUpdater<Transmission> STATE =
                AtomicIntegerFieldUpdater.newUpdater(Transmission.class, "state");

        private static final int WAITING = 0;
        private static final int CONVERTING = 1;
        private static final int ENDED = 2;

        private final CoreSubscriber<? super Void> actual;
        private final TcpQueuePair<C, ?> queuePair;
        private final C capsule;
        private boolean started;

        @SuppressWarnings("UnusedVariable") // through the updater
        private volatile int state;

        Transmission(CoreSubscriber<? super Void> actual, TcpQueuePair<C, ?> queuePair, C capsule) {
            this.actual = actual;
            this.queuePair = queuePair;
            this.capsule = capsule;
        }

        private void start() {
            started = true;
            if (state == ENDED) {
                queuePair.dropped(capsule);
            } else {
                queuePair.enqueue(this);
            }
        }

        @Override
        public void request(long n) {
            Operators.validate(n);
        }

        @Override
        public void cancel() {
            if (STATE.getAndSet(this, ENDED) == WAITING) {
                EventLoopTasks.run(queuePair.executor(), () -> {
                    if (started && queuePair.dequeue(this)) {
                        queuePair.dropped(capsule);
                    }
                });
            }
        }

        C capsule() {
            return capsule;
        }

        /** The capsule is about to become bytes; false if it was cancelled. */
        boolean begin() {
            return STATE.compareAndSet(this, WAITING, CONVERTING);
        }

        void transmitted() {
            if (STATE.getAndSet(this, ENDED) != ENDED) {
                actual.onComplete();
            }
        }

        void unwanted() {
            fail(new CancellationException("the capsule was not wanted any more"));
        }

        void terminated(Termination termination) {
            fail(new QueuePairTerminatedException(termination));
        }

        private void fail(RuntimeException failure) {
            if (STATE.getAndSet(this, ENDED) != ENDED) {
                actual.onError(failure);
            }
        }
    }
}
