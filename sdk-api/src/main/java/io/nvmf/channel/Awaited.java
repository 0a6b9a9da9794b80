package io.nvmf.channel;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.nvmf.NvmeBuffers;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/**
 * A publisher of buffers whose signals one thread waits for. Signals come from any thread and wait for nothing; all of
 * them are asked for at once, so the publisher has to be bounded in another way. Whoever closes this releases what has
 * come and still comes.
 */
final class Awaited implements CoreSubscriber<ByteBuf>, AutoCloseable {

    private final Queue<ByteBuf> arrived = new ConcurrentLinkedQueue<>();

    private volatile @Nullable Subscription upstream;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile @Nullable Thread waiting;

    private Awaited() {}

    /** Subscribes at once. */
    static Awaited of(Publisher<ByteBuf> publisher) {
        Awaited awaited = new Awaited();
        Flux.from(publisher).transform(NvmeBuffers.releaseDiscarded()).subscribe(awaited);
        return awaited;
    }

    /**
     * Nothing may block here.
     *
     * @throws IllegalStateException if the caller must not block
     */
    static void checkThread() {
        Thread thread = Thread.currentThread();
        if (Schedulers.isInNonBlockingThread()
                || (thread instanceof FastThreadLocalThread netty && !netty.permitBlockingCalls())) {
            throw new IllegalStateException("blocking access to a namespace on " + thread.getName()
                    + ", which must not block: use NvmeNamespace there, or another thread here");
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        upstream = subscription;
        if (closed) {
            subscription.cancel();
        } else {
            subscription.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(ByteBuf buffer) {
        arrived.add(buffer);
        wake();
        if (closed) {
            releaseArrived();
        }
    }

    @Override
    public void onError(Throwable thrown) {
        if (closed) {
            Operators.onErrorDropped(thrown, currentContext());
            return;
        }
        failure = thrown;
        ended = true;
        wake();
    }

    @Override
    public void onComplete() {
        ended = true;
        wake();
    }

    private void wake() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * Waits for the next buffer, which belongs to the caller.
     *
     * @return null at the end, or when this is closed meanwhile
     * @throws IOException with what the publisher has failed with
     */
    @Nullable
    ByteBuf next() throws IOException {
        waiting = Thread.currentThread();
        try {
            while (!closed) {
                boolean last = ended;
                ByteBuf buffer = arrived.poll();
                if (buffer != null) {
                    return buffer;
                }
                if (last) {
                    Throwable thrown = failure;
                    if (thrown != null) {
                        throw new IOException(thrown.getMessage(), thrown);
                    }
                    return null;
                }
                LockSupport.park(this);
            }
            return null;
        } finally {
            waiting = null;
        }
    }

    /** Cancels, releases what has come, and lets go of whoever waits. Any thread, any number of times. */
    @Override
    public void close() {
        closed = true;
        Subscription subscription = upstream;
        if (subscription != null) {
            subscription.cancel();
        }
        releaseArrived();
        wake();
    }

    private void releaseArrived() {
        for (ByteBuf buffer = arrived.poll(); buffer != null; buffer = arrived.poll()) {
            buffer.release();
        }
    }
}
