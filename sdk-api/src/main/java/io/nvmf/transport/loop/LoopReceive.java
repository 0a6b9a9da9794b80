package io.nvmf.transport.loop;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.TransferException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;

/** One subscription to a range of the host's data. State belongs to the controller's executor. */
final class LoopReceive implements Subscription {

    private final LoopControllerQueuePair queuePair;
    private final LoopReceivedCommand command;
    private final long offset;
    private final int length;
    private final CoreSubscriber<? super ByteBuf> actual;
    /** Set by the one that ends the subscription: a terminal signal, or a cancellation from any thread. */
    private final AtomicBoolean done = new AtomicBoolean();

    private boolean started;

    LoopReceive(
            LoopControllerQueuePair queuePair,
            LoopReceivedCommand command,
            long offset,
            int length,
            CoreSubscriber<? super ByteBuf> actual) {
        this.queuePair = queuePair;
        this.command = command;
        this.offset = offset;
        this.length = length;
        this.actual = actual;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            queuePair.run(() -> fail(Exceptions.nullOrNegativeRequestException(n)));
        } else {
            queuePair.run(this::start);
        }
    }

    @Override
    public void cancel() {
        if (done.compareAndSet(false, true)) {
            queuePair.run(() -> {
                if (command.forget(this)) {
                    queuePair.untrack(this);
                }
            });
        }
    }

    private void start() {
        if (started || done.get()) {
            return;
        }
        started = true;
        if (queuePair.ended() != null) {
            abort();
            return;
        }
        RuntimeException refusal = command.refusal(offset, length);
        if (refusal != null) {
            fail(refusal);
            return;
        }
        if (command.describesInCapsuleData()) {
            emit(command.copyInCapsuleData(offset, length));
            return;
        }
        queuePair.track(this);
        command.pull(this);
    }

    /** The host's answer. */
    void arrived(ByteBuf home, boolean served) {
        queuePair.untrack(this);
        command.pulled();
        if (served && !queuePair.faults.damagesData()) {
            emit(home);
            return;
        }
        home.release();
        fail(served ? TransferException.damaged(length) : TransferException.aborted(0));
    }

    void abort() {
        fail(TransferException.aborted(0));
    }

    private void emit(ByteBuf bytes) {
        if (done.compareAndSet(false, true)) {
            actual.onNext(bytes);
            actual.onComplete();
        } else {
            bytes.release();
        }
    }

    private void fail(Throwable failure) {
        if (done.compareAndSet(false, true)) {
            actual.onError(failure);
        }
    }
}
