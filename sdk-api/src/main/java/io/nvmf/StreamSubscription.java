package io.nvmf;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Operators;

/**
 * What a subscriber says to a stream, from any thread, kept until the event loop looks at it: everything else of a stream is
 * confined to the event loop.
 */
abstract class StreamSubscription extends EventLoopDrain implements Subscription {

    private static final AtomicLongFieldUpdater<StreamSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(StreamSubscription.class, "requested");

    /** Elements asked for since the beginning. */
    volatile long requested;

    volatile boolean cancelled;
    volatile boolean badRequest;

    StreamSubscription(EventExecutor executor) {
        super(executor);
    }

    @Override
    public final void request(long n) {
        if (n < 1) {
            badRequest = true;
        } else {
            Operators.addCap(REQUESTED, this, n);
        }
        signal();
    }

    @Override
    public final void cancel() {
        cancelled = true;
        signal();
    }

    /** What a subscriber gets who asked for less than one element. */
    static IllegalArgumentException badRequestFailure() {
        return new IllegalArgumentException("request(n) needs a positive n (Reactive Streams rule 3.9)");
    }
}
