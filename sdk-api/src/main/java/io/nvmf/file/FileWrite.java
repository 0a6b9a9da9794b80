package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Dropped;
import io.nvmf.transport.JvmFailures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;

/**
 * One source that is being written to a file, in turns on a thread that may block. A turn lasts as long as there are
 * buffers, and turns never overlap, so everything but what source and subscriber say needs no lock.
 */
final class FileWrite implements Subscription, Runnable {

    /**
     * How a file is written.
     *
     * @param offset where the first byte goes
     * @param force whether the file is forced to its device at the end
     * @param buffers how many are asked for ahead
     */
    record Settings(long offset, boolean force, int buffers) {}

    private static final AtomicLongFieldUpdater<FileWrite> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(FileWrite.class, "requested");
    private static final AtomicIntegerFieldUpdater<FileWrite> MISSED =
            AtomicIntegerFieldUpdater.newUpdater(FileWrite.class, "missed");

    private final CoreSubscriber<? super Long> actual;
    private final FileFlux.Opener opener;
    private final Settings settings;
    private final Scheduler scheduler;
    private final FileWriteInput input;

    /** Elements that the subscriber asked for and did not get. */
    private volatile long requested;

    private volatile boolean cancelled;
    private volatile @Nullable RuntimeException refused;

    /**
     * What has happened since the last turn looked; whoever raises it from 0 starts a turn. The first one comes when the
     * source has been subscribed to, so that a source that fails at once leaves the file alone.
     */
    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile int missed = 1;

    // What follows belongs to the turns.
    private @Nullable FileChannel channel;
    private long written;
    private long told = -1;
    private boolean done;

    FileWrite(CoreSubscriber<? super Long> actual, FileFlux.Opener opener, Settings settings, Scheduler scheduler) {
        this.actual = actual;
        this.opener = opener;
        this.settings = settings;
        this.scheduler = scheduler;
        this.input = new FileWriteInput(settings.buffers(), actual.currentContext(), this::signal);
    }

    /** Subscribes to the source, and starts the turns. */
    void start(Publisher<? extends ByteBuf> source) {
        Throwable failure = null;
        if (!cancelled) {
            try {
                input.subscribeTo(source);
            } catch (Throwable thrown) {
                failure = thrown;
            }
        }
        schedule();
        if (failure != null) {
            JvmFailures.throwIfJvmFailure(failure);
        }
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            refused = Exceptions.nullOrNegativeRequestException(n);
        } else {
            Operators.addCap(REQUESTED, this, n);
        }
        signal();
    }

    @Override
    public void cancel() {
        cancelled = true;
        input.cancel();
        signal();
    }

    private void signal() {
        if (MISSED.getAndIncrement(this) == 0) {
            schedule();
        }
    }

    private void schedule() {
        try {
            scheduler.schedule(this);
        } catch (RejectedExecutionException noThreads) {
            refused = noThreads;
            run();
        }
    }

    @Override
    public void run() {
        int seen = 1;
        Throwable failure = null;
        do {
            try {
                proceed();
            } catch (Throwable thrown) {
                // Whatever it is, nobody else would close the file and tell.
                failure = thrown;
                fail(thrown);
            }
            seen = MISSED.addAndGet(this, -seen);
        } while (seen != 0);
        if (failure != null) {
            JvmFailures.throwIfJvmFailure(failure);
        }
    }

    private void fail(Throwable thrown) {
        try {
            terminate(thrown);
        } catch (Throwable fromSubscriber) {
            thrown.addSuppressed(fromSubscriber);
        }
    }

    private void proceed() throws IOException {
        if (done || cancelled) {
            terminate(null);
            return;
        }
        RuntimeException refusal = refused;
        if (refusal != null) {
            throw refusal;
        }
        boolean last = input.hasEnded();
        if (last && input.failure() != null && input.isEmpty()) {
            terminate(input.failure());
            return;
        }
        FileChannel file = open();
        input.ask();
        ByteBuf buffer;
        while (!cancelled && (buffer = input.poll()) != null) {
            write(file, buffer);
            tell();
            input.ask();
        }
        if (cancelled) {
            return;
        }
        if (last) {
            finish(file);
        } else if (written > Math.max(told, 0)) {
            tell(); // Whoever asks late hears of what was skipped.
        }
    }

    private FileChannel open() throws IOException {
        FileChannel file = channel;
        if (file == null) {
            file = opener.open();
            channel = file;
        }
        return file;
    }

    private void write(FileChannel file, ByteBuf buffer) throws IOException {
        try {
            int start = buffer.readerIndex();
            int length = buffer.readableBytes();
            for (int moved = 0; moved < length; ) {
                int step = buffer.getBytes(start + moved, file, settings.offset() + written, length - moved);
                moved += step;
                written += step;
            }
        } finally {
            Discarded.release(buffer);
        }
    }

    private void tell() {
        if (requested > 0) {
            told = written;
            if (requested != Long.MAX_VALUE) {
                REQUESTED.decrementAndGet(this);
            }
            actual.onNext(written);
        }
    }

    /** Everything is written, or was before the source failed. Waits for demand if the total has not been told. */
    private void finish(FileChannel file) throws IOException {
        if (input.failure() != null) {
            terminate(input.failure());
            return;
        }
        if (file.isOpen()) {
            if (settings.force()) {
                file.force(true);
            }
            file.close();
        }
        if (told != written) {
            tell();
        }
        if (told == written) {
            terminate(null);
        }
    }

    /** Closes the file, releases what waits, and tells the subscriber unless it has been told or has cancelled. */
    private void terminate(@Nullable Throwable failure) {
        Throwable cause = close(failure);
        input.cancel();
        input.clear();
        boolean silent = done || cancelled;
        done = true;
        if (!silent && cause == null) {
            actual.onComplete();
        } else if (!silent) {
            actual.onError(cause);
        } else if (cause != null) {
            Dropped.error(cause, actual.currentContext());
        }
    }

    private @Nullable Throwable close(@Nullable Throwable failure) {
        FileChannel file = channel;
        if (file != null) {
            try {
                file.close();
            } catch (IOException unclosed) {
                if (failure == null) {
                    return unclosed;
                }
                failure.addSuppressed(unclosed);
            }
        }
        return failure;
    }
}
