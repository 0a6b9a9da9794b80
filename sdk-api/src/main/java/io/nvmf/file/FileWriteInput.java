package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Dropped;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * The subscriber of the source that is written to a file, and its buffers that wait for their turn. Signals come from
 * any thread; what says so belongs to the turns of the {@link FileWrite}.
 */
final class FileWriteInput implements CoreSubscriber<ByteBuf> {

    private static final AtomicReferenceFieldUpdater<FileWriteInput, Subscription> UPSTREAM =
            AtomicReferenceFieldUpdater.newUpdater(FileWriteInput.class, Subscription.class, "upstream");

    private final int most;
    private final Context context;
    private final Runnable signal;

    /** From the source to the turns. */
    private final Queue<ByteBuf> queue;

    private volatile @Nullable Subscription upstream;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;

    /** Buffers that were taken, and not asked for again. Turns only. */
    private int unasked;

    /**
     * @param most how many buffers are asked for ahead
     * @param context of the subscriber
     * @param signal called when something has come
     */
    FileWriteInput(int most, Context context, Runnable signal) {
        this.most = most;
        this.unasked = most;
        this.context = Discarded.releasedIn(context);
        this.signal = signal;
        this.queue = Queues.<ByteBuf>get(most).get();
    }

    /** Subscribes. A publisher that throws instead of signalling has failed. */
    void subscribeTo(Publisher<? extends ByteBuf> source) {
        try {
            Flux.from(source).subscribe(this);
        } catch (Throwable thrown) {
            end(thrown);
            throw thrown;
        }
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        requireSignal(subscription, "subscription");
        if (Operators.setOnce(UPSTREAM, this, subscription)) {
            signal.run();
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        requireSignal(buffer, "buffer");
        if (ended || !queue.offer(buffer)) {
            Discarded.release(buffer);
            if (!ended) {
                end(new IllegalStateException("the source emitted more buffers than were requested"));
            }
            return;
        }
        signal.run();
    }

    @Override
    public void onError(Throwable thrown) {
        requireSignal(thrown, "failure");
        end(thrown);
    }

    @Override
    public void onComplete() {
        end(null);
    }

    /** Rule 2.13 wants the exception thrown. The writing has to hear of it all the same: nothing else will come. */
    private void requireSignal(@Nullable Object what, String name) {
        if (what == null) {
            NullPointerException violation =
                    new NullPointerException("the " + name + " from the source is null (Reactive Streams rule 2.13)");
            end(violation);
            throw violation;
        }
    }

    private void end(@Nullable Throwable cause) {
        if (ended) {
            if (cause != null) {
                Dropped.error(cause, context);
            }
            return;
        }
        failure = cause;
        ended = true;
        signal.run();
    }

    /** Whether no buffer follows those that wait: ask before {@link #poll()}. */
    boolean hasEnded() {
        return ended;
    }

    /** Why it ended; null if regularly, or if it has not. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Takes the oldest buffer, null if none waits. Turns only. */
    @Nullable
    ByteBuf poll() {
        ByteBuf buffer = queue.poll();
        if (buffer != null) {
            unasked++;
        }
        return buffer;
    }

    /** Asks for the next buffers when half of them were taken. Turns only. */
    void ask() {
        Subscription source = upstream;
        if (source != null && !ended && unasked > most / 2) {
            int demand = unasked;
            unasked = 0;
            source.request(demand);
        }
    }

    /** Cancels the source. Any thread. */
    void cancel() {
        Subscription subscription = UPSTREAM.getAndSet(this, Operators.cancelledSubscription());
        if (subscription != null && subscription != Operators.cancelledSubscription()) {
            Dropped.cancel(subscription, context);
        }
    }

    /** Releases what waits. Turns only. */
    void clear() {
        for (ByteBuf buffer = queue.poll(); buffer != null; buffer = queue.poll()) {
            Discarded.release(buffer);
        }
    }
}
