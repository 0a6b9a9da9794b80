package io.nvmf.transport.testkit;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.SignalType;

/**
 * Subscribes to received capsules with a demand the test controls, and keeps them for the test or hands them to a
 * handler.
 */
public final class CapsuleRecorder<T> extends BaseSubscriber<T> {

    /** How long anything may take that has to happen. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final long initialDemand;
    /** Takes capsules without a lock: this runs on event loops, which must not block. */
    private final BlockingQueue<T> queue = new LinkedTransferQueue<>();

    private final AtomicInteger count = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile @Nullable Consumer<? super T> handler;
    private volatile @Nullable SignalType endSignal;
    private volatile Runnable onEnd = () -> {};

    public CapsuleRecorder(long initialDemand) {
        this.initialDemand = initialDemand;
    }

    /** From now on capsules go to the handler, on the event loop, and no longer to {@link #next()}. */
    public CapsuleRecorder<T> handle(Consumer<? super T> newHandler) {
        handler = newHandler;
        return this;
    }

    /** Runs something at the end of the stream, where it is signalled. */
    public void onEnd(Runnable action) {
        onEnd = action;
    }

    /** The next capsule; waits for it and fails if it does not come. */
    public T next() {
        try {
            T capsule = queue.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (capsule == null) {
                throw new AssertionError("no capsule came; " + count + " had come before, end: " + endSignal);
            }
            return capsule;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a capsule", e);
        }
    }

    /** A capsule that is here already, or null. */
    public @Nullable T poll() {
        return queue.poll();
    }

    /** How many have been delivered so far. */
    public int count() {
        return count.get();
    }

    /** Waits for the end of the stream; fails unless it is a completion. */
    public void awaitCompletion() {
        try {
            if (!end.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the stream of capsules did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the end", e);
        }
        if (endSignal != SignalType.ON_COMPLETE) {
            throw new AssertionError("the stream of capsules ended with " + endSignal);
        }
    }

    public boolean isEnded() {
        return endSignal != null;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        if (initialDemand > 0) {
            request(initialDemand);
        }
    }

    @Override
    protected void hookOnNext(T capsule) {
        count.incrementAndGet();
        Consumer<? super T> current = handler;
        if (current != null) {
            current.accept(capsule);
        } else {
            queue.add(capsule);
        }
    }

    @Override
    protected void hookFinally(SignalType type) {
        endSignal = type;
        onEnd.run();
        end.countDown();
    }

    @Override
    protected void hookOnError(Throwable throwable) {
        // Told apart by awaitCompletion.
    }
}
