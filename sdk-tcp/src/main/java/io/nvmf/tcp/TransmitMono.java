package io.nvmf.tcp;

import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.QueuePairTerminatedException;
import io.nvmf.transport.Termination;
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

    /** One capsule on its way, as an element of the queue of unconverted capsules. Event loop only but for cancel. */
    static final class Transmission<C> implements Subscription {

        private final CoreSubscriber<? super Void> actual;
        private final TcpQueuePair<C, ?> queuePair;
        private final C capsule;
        private boolean started;
        private boolean done;

        Transmission(CoreSubscriber<? super Void> actual, TcpQueuePair<C, ?> queuePair, C capsule) {
            this.actual = actual;
            this.queuePair = queuePair;
            this.capsule = capsule;
        }

        private void start() {
            started = true;
            if (done) {
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
            EventLoopTasks.run(queuePair.executor(), () -> {
                if (!done) {
                    done = true;
                    if (started && queuePair.dequeue(this)) {
                        queuePair.dropped(capsule);
                    }
                }
            });
        }

        C capsule() {
            return capsule;
        }

        void transmitted() {
            if (!done) {
                done = true;
                actual.onComplete();
            }
        }

        void terminated(Termination termination) {
            if (!done) {
                done = true;
                actual.onError(new QueuePairTerminatedException(termination));
            }
        }
    }
}
