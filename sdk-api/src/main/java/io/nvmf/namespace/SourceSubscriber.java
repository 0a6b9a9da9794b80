package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Dropped;
import io.nvmf.transport.JvmFailures;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The subscriber of a write stream's source. It asks for one buffer at a time, since nobody knows how large the next
 * one is, and so its hand-over to the event loop is one slot. Signals come from any thread; the rest is called on the
 * event loop.
 */
final class SourceSubscriber implements CoreSubscriber<ByteBuf> {

    private static final AtomicReferenceFieldUpdater<SourceSubscriber, Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(SourceSubscriber.class, Subscription.class, "upstream");
    private static final AtomicReferenceFieldUpdater<SourceSubscriber, ByteBuf> SLOT =
            AtomicReferenceFieldUpdater.newUpdater(SourceSubscriber.class, ByteBuf.class, "slot");

    private final EventLoopDrain stream;
    private final Context context;

    private volatile @Nullable Subscription upstream;

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile @Nullable ByteBuf slot;

    private volatile @Nullable Throwable error;
    private volatile boolean ended;

    private boolean waiting;

    SourceSubscriber(EventLoopDrain stream, Context context) {
        this.stream = stream;
        this.context = context;
    }

    @Override
    public Context currentContext() {
        return context;
    }

    /** Subscribes; a publisher that throws instead of signalling has failed. */
    void subscribeTo(Publisher<? extends ByteBuf> source) {
        try {
            Flux.from(source).contextWrite(Discarded::releasedIn).subscribe(this);
        } catch (Throwable thrown) {
            end(thrown);
            JvmFailures.throwIfJvmFailure(thrown);
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        requireSignal(subscription, "subscription");
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            stream.signal();
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        requireSignal(buffer, "buffer");
        if (ended || !SLOT.compareAndSet(this, null, buffer)) {
            Discarded.release(buffer);
            if (!ended) {
                end(new IllegalStateException("the source emitted more buffers than were requested"));
            }
            return;
        }
        stream.signal();
    }

    @Override
    public void onError(Throwable failure) {
        requireSignal(failure, "failure");
        end(failure);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    /** Rule 2.13 wants the exception thrown. The stream has to hear of it all the same: nothing else will come. */
    private void requireSignal(@Nullable Object signal, String name) {
        if (signal == null) {
            NullPointerException violation =
                    new NullPointerException("the " + name + " from the source is null (Reactive Streams rule 2.13)");
            end(violation);
            throw violation;
        }
    }

    private void end(@Nullable Throwable failure) {
        if (ended) {
            if (failure != null) {
                Dropped.error(failure, context);
            }
            return;
        }
        error = failure;
        ended = true;
        stream.signal();
    }

    /** Asks for the next buffer unless one is under way. */
    void demand() {
        Subscription subscription = upstream;
        if (subscription != null && !waiting && !ended) {
            waiting = true;
            subscription.request(1);
        }
    }

    /** Whether no buffer will follow the one in the slot, if any: ask before {@link #poll()}. */
    boolean ended() {
        return ended;
    }

    /** Why the source ended, null if regularly. */
    @Nullable
    Throwable error() {
        return error;
    }

    /** The buffer that arrived, or null. */
    @Nullable
    ByteBuf poll() {
        ByteBuf buffer = SLOT.getAndSet(this, null);
        if (buffer != null) {
            waiting = false;
        }
        return buffer;
    }

    /** Cancels the source and releases what it has handed over or still hands over before it notices. */
    void cancel() {
        Subscription subscription = UPSTREAM.getAndSet(this, Operators.cancelledSubscription());
        if (subscription != null && subscription != Operators.cancelledSubscription()) {
            Dropped.cancel(subscription, context);
        }
        ByteBuf buffer = SLOT.getAndSet(this, null);
        if (buffer != null) {
            Discarded.release(buffer);
        }
    }
}
