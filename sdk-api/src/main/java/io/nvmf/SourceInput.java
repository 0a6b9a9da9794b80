package io.nvmf;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The subscriber of a write stream's source. It asks for one buffer at a time, since nobody knows how large the next one is, and
 * so its hand-over to the event loop is one slot. Signals come from any thread; the rest is called on the event loop.
 */
final class SourceInput implements CoreSubscriber<ByteBuf> {

    private static final AtomicReferenceFieldUpdater<SourceInput, Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(SourceInput.class, Subscription.class, "upstream");
    private static final AtomicReferenceFieldUpdater<SourceInput, ByteBuf> SLOT =
            AtomicReferenceFieldUpdater.newUpdater(SourceInput.class, ByteBuf.class, "slot");

    private final EventLoopDrain stream;
    private final Context context;

    private volatile @Nullable Subscription upstream;

    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile @Nullable ByteBuf slot;

    private volatile @Nullable Throwable error;
    private volatile boolean ended;

    private boolean waiting;

    SourceInput(EventLoopDrain stream, Context context) {
        this.stream = stream;
        this.context = context;
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            stream.signal();
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        Objects.requireNonNull(buffer, "buffer");
        if (ended || !SLOT.compareAndSet(this, null, buffer)) {
            buffer.release();
            if (!ended) {
                end(new IllegalStateException("the source emitted more buffers than were requested"));
            }
            return;
        }
        stream.signal();
    }

    @Override
    public void onError(Throwable failure) {
        end(Objects.requireNonNull(failure, "failure"));
    }

    @Override
    public void onComplete() {
        end(null);
    }

    private void end(@Nullable Throwable failure) {
        if (ended) {
            if (failure != null) {
                Operators.onErrorDropped(failure, context);
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
        Operators.terminate(UPSTREAM, this);
        ByteBuf buffer = SLOT.getAndSet(this, null);
        if (buffer != null) {
            buffer.release();
        }
    }
}
