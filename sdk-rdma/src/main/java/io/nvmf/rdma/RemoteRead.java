package io.nvmf.rdma;

import io.netty.buffer.ByteBuf;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One fetch of a range of the host's data: the subscription, and the memory that the bytes are read into. Demand starts
 * it. Event loop only, except {@link #request} and {@link #cancel}.
 */
final class RemoteRead implements Subscription, RdmaCompletion {

    private final CoreSubscriber<? super ByteBuf> actual;
    private final RdmaReceivedCommand command;
    private final ControllerRdmaQueuePair queuePair;
    private final long offset;
    private final int length;

    // The list of those whose subscriber waits, kept by RemoteReads.
    boolean linked;

    @Nullable
    RemoteRead before;

    @Nullable
    RemoteRead after;

    private boolean started;
    private boolean ended;
    private @Nullable ByteBuf home;

    RemoteRead(CoreSubscriber<? super ByteBuf> actual, RdmaReceivedCommand command, long offset, int length) {
        this.actual = actual;
        this.command = command;
        this.queuePair = command.queuePair();
        this.offset = offset;
        this.length = length;
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            EventLoopTasks.run(queuePair.executor(), this::start);
        }
    }

    @Override
    public void cancel() {
        EventLoopTasks.run(queuePair.executor(), () -> {
            if (!ended) {
                // The provider has a reference of its own while bytes are on their way.
                ended = true;
                queuePair.reads().cancelled(this);
                releaseHome();
            }
        });
    }

    private void start() {
        if (started || ended) {
            return;
        }
        started = true;
        if (queuePair.ended() != null || command.isAnswered()) {
            abort();
            return;
        }
        RuntimeException refusal = command.refusal(offset, length);
        if (refusal != null) {
            fail(refusal);
            return;
        }
        ByteBuf memory;
        try {
            memory = queuePair.allocator().directBuffer(length, length);
        } catch (OutOfMemoryError e) { // the end of this transfer, and of nothing else
            fail(e);
            return;
        }
        ByteBuf inCapsule = command.inCapsuleData();
        if (inCapsule != null) {
            // A copy, because the range may be fetched again and every subscriber has memory of its own.
            succeed(memory.writeBytes(inCapsule, (int) offset, length));
            return;
        }
        home = memory;
        queuePair.reads().add(this);
    }

    RdmaReceivedCommand command() {
        return command;
    }

    /** Leaves. */
    void issue() {
        ByteBuf memory = home;
        if (memory != null) {
            command.readStarted();
            queuePair.connection().read(memory, 0, length, command.addressOf(offset), command.key(), this);
        }
    }

    @Override
    public void completed(@Nullable RdmaException failure) {
        try {
            queuePair.reads().over(this);
            queuePair.checkCompletion(failure);
            ByteBuf data = home;
            // What is left when the queue pair has ended is aborted in its turn.
            if (failure == null && !ended && data != null && queuePair.ended() == null) {
                home = null;
                succeed(data.writerIndex(length));
            }
            command.readDone();
        } catch (Throwable e) { // errors too: whoever waits for the rest has to hear of the end
            queuePair.fail(e);
        }
    }

    void abort() {
        fail(TransferException.aborted(0));
    }

    private void succeed(ByteBuf data) {
        ended = true;
        queuePair.reads().ended(this);
        actual.onNext(data);
        actual.onComplete();
    }

    private void fail(Throwable cause) {
        if (!ended) {
            ended = true;
            queuePair.reads().ended(this);
            releaseHome();
            actual.onError(cause);
        }
    }

    private void releaseHome() {
        ByteBuf unused = home;
        if (unused != null) {
            home = null;
            unused.release();
        }
    }
}
