package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One fetch of a range of the host's data: the subscription, its memory, and how much of it has come. Demand starts it.
 * Event loop only, except {@link #request} and {@link #cancel}.
 */
final class H2cTransfer implements Subscription {

    /** The connection as transfers see it. */
    interface Source {

        /** The event loop; any thread. */
        EventExecutor executor();

        /** Where memory for data comes from; any thread. */
        ByteBufAllocator allocator();

        /** Whether the connection has ended. */
        boolean hasEnded();

        /** Asks the host for the data, at once or when there may be another R2T. */
        void fetch(H2cTransfer receive);

        /** Nobody wants the data any more, which had a place to go to. */
        void abandon(H2cTransfer receive, ByteBuf home);
    }

    private final CoreSubscriber<? super ByteBuf> actual;
    private final TcpReceivedCommand command;
    private final long offset;
    private final int length;

    private boolean started;
    private boolean ended;
    private @Nullable ByteBuf home;
    private int tag;
    private int progress;
    private boolean damaged;

    H2cTransfer(CoreSubscriber<? super ByteBuf> actual, TcpReceivedCommand command, long offset, int length) {
        this.actual = actual;
        this.command = command;
        this.offset = offset;
        this.length = length;
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n)) {
            EventLoopTasks.run(command.source().executor(), this::start);
        }
    }

    @Override
    public void cancel() {
        EventLoopTasks.run(command.source().executor(), () -> {
            if (!ended) {
                // Data under way is received and dropped; only then is the tag free.
                if (home != null) {
                    command.source().abandon(this, home);
                }
                ended = true;
                releaseHome();
            }
        });
    }

    private void start() {
        if (started || ended) {
            return;
        }
        started = true;
        if (command.source().hasEnded()) {
            fail(TransferException.aborted(0));
            return;
        }
        RuntimeException refusal = command.refusal(offset, length);
        if (refusal != null) {
            fail(refusal);
            return;
        }
        ByteBuf memory;
        try {
            memory = command.source().allocator().directBuffer(length, length);
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
        command.source().fetch(this);
    }

    // ---- for the scheduler

    TcpReceivedCommand command() {
        return command;
    }

    void tag(int value) {
        tag = value;
    }

    /** The transfer tag, 0 while waiting for one. */
    int tag() {
        return tag;
    }

    boolean isAbandoned() {
        return ended;
    }

    void abort() {
        fail(TransferException.aborted(progress));
    }

    // ---- for H2CData

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    int progress() {
        return progress;
    }

    /** Where the data goes, or null if nobody wants it. */
    @Nullable
    ByteBuf home() {
        return home;
    }

    void received(int bytes, boolean intact) {
        progress += bytes;
        damaged |= !intact;
    }

    /** All data is in, and the tag is given back. */
    void endOfData() {
        ByteBuf data = home;
        if (data == null) {
            return;
        }
        if (damaged) {
            fail(TransferException.damaged(progress));
        } else {
            home = null;
            succeed(data.writerIndex(length));
        }
    }

    private void succeed(ByteBuf data) {
        ended = true;
        actual.onNext(data);
        actual.onComplete();
    }

    private void fail(Throwable cause) {
        if (!ended) {
            ended = true;
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
