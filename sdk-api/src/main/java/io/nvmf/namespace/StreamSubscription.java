package io.nvmf.namespace;

import io.nvmf.host.queue.HostQueue;
import io.nvmf.host.queue.QueueListener;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;

/**
 * What a subscriber and the queue say to a stream, kept until the event loop looks at it: everything else of a stream is confined
 * to the event loop. The subscriber speaks on any thread.
 */
abstract class StreamSubscription extends EventLoopDrain implements Subscription, QueueListener {

    private static final AtomicLongFieldUpdater<StreamSubscription> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(StreamSubscription.class, "requested");

    final HostQueue queue;

    /** Elements asked for since the beginning. */
    volatile long requested;

    volatile boolean cancelled;
    volatile @Nullable IllegalArgumentException badRequest;

    /** Why the queue takes no more commands, null while it does. Event loop only. */
    @Nullable
    RuntimeException closed;

    private boolean registered;

    StreamSubscription(HostQueue queue) {
        super(queue.queuePair().executor());
        this.queue = queue;
    }

    /** Hands this to its subscriber, and lets the event loop know of it. A subscriber that throws has cancelled. */
    final void start(CoreSubscriber<?> actual) {
        try {
            actual.onSubscribe(this);
        } catch (Throwable thrown) {
            cancel();
            throw thrown;
        }
        signal();
    }

    @Override
    public final void request(long n) {
        if (n < 1) {
            badRequest = Exceptions.nullOrNegativeRequestException(n);
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

    /** Sees to it that this stream hears of the end of its queue. Event loop only. */
    final void register() {
        if (!registered) {
            registered = true;
            closed = queue.register(this);
        }
    }

    final void deregister() {
        queue.deregister(this);
    }

    @Override
    public final void queueClosed(RuntimeException failure) {
        if (closed == null) {
            closed = failure;
        }
        signal();
    }
}
