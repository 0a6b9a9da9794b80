package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.host.queue.Dropped;
import io.nvmf.transport.JvmFailures;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;

/**
 * One subscription to the bytes of a file, served in turns on a thread that may block. A turn lasts as long as there is demand, and turns never
 * overlap, so everything but what the subscriber says needs no lock.
 */
final class FileRead implements Subscription, Runnable {

    private static final AtomicLongFieldUpdater<FileRead> REQUESTED =
            AtomicLongFieldUpdater.newUpdater(FileRead.class, "requested");

    private final CoreSubscriber<? super ByteBuf> actual;
    private final FileFlux.Opener opener;
    private final String name;
    private final long length;
    private final Scheduler scheduler;
    private final ByteBufAllocator allocator;

    /** Buffers asked for and not emitted. Whoever raises it from 0 starts a turn; after the end it is never 0 again. */
    @SuppressWarnings("UnusedVariable") // through the updater
    private volatile long requested;

    private volatile boolean cancelled;
    private volatile @Nullable IllegalArgumentException badRequest;

    private @Nullable FileChannel channel;
    private long position;
    private long end;

    FileRead(
            CoreSubscriber<? super ByteBuf> actual,
            FileFlux.Opener opener,
            String name,
            long offset,
            long length,
            Scheduler scheduler,
            ByteBufAllocator allocator) {
        this.actual = actual;
        this.opener = opener;
        this.name = name;
        this.position = offset;
        this.length = length;
        this.scheduler = scheduler;
        this.allocator = allocator;
    }

    @Override
    public void request(long n) {
        if (n < 1) {
            badRequest = Exceptions.nullOrNegativeRequestException(n);
        }
        turn(Math.max(1, n));
    }

    @Override
    public void cancel() {
        cancelled = true;
        turn(1);
    }

    private void turn(long demand) {
        if (Operators.addCap(REQUESTED, this, demand) != 0) {
            return;
        }
        try {
            scheduler.schedule(this);
        } catch (RuntimeException e) {
            terminate(e);
        }
    }

    @Override
    public void run() {
        do {
            if (!proceed()) {
                return;
            }
        } while (Operators.produced(REQUESTED, this, 1) != 0);
    }

    /** Emits one buffer or terminates; returns whether there is more to come. */
    private boolean proceed() {
        Throwable failure = badRequest;
        if (!cancelled && failure == null) {
            try {
                FileChannel file = open();
                if (position < end) {
                    emit(read(file));
                }
            } catch (Throwable thrown) {
                // Whatever it is, nobody else would close the file and tell.
                failure = thrown;
            }
        }
        if (!cancelled && failure == null && position < end) {
            return true;
        }
        terminate(failure);
        if (failure != null) {
            JvmFailures.throwIfJvmFailure(failure);
        }
        return false;
    }

    private void emit(ByteBuf buffer) {
        if (cancelled) {
            buffer.release();
        } else {
            actual.onNext(buffer);
        }
    }

    private FileChannel open() throws IOException {
        FileChannel file = channel;
        if (file == null) {
            file = opener.open();
            channel = file;
            long size = file.size();
            end = length == FileFlux.TO_THE_END ? size : position + length;
            if (end > size) {
                throw new EOFException(name + " has " + size + " bytes, which is less than " + position + '+' + length);
            }
        }
        return file;
    }

    private ByteBuf read(FileChannel file) throws IOException {
        int size = (int) Math.min(FileSource.BUFFER_SIZE, end - position);
        ByteBuf buffer = allocate(size);
        try {
            // Not writeBytes(channel): it says of a channel closed by an interrupt that the file ended.
            ByteBuffer bytes = buffer.internalNioBuffer(0, size);
            while (bytes.hasRemaining()) {
                if (file.read(bytes, position + size - bytes.remaining()) < 0) {
                    throw new EOFException(name + " was truncated to " + file.size() + " bytes while it was read");
                }
            }
        } catch (Throwable e) {
            buffer.release();
            throw e;
        }
        position += size;
        return buffer.writerIndex(size);
    }

    private ByteBuf allocate(int size) {
        try {
            return allocator.directBuffer(size, size);
        } catch (OutOfMemoryError exhausted) {
            throw NvmeLimitException.noMemory("reading " + name, size, CommandOutcome.NOT_SENT, exhausted);
        }
    }

    private void terminate(@Nullable Throwable failure) {
        Throwable cause = failure;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            if (cause == null) {
                cause = e;
            } else {
                cause.addSuppressed(e);
            }
        }
        if (cancelled) {
            if (cause != null) {
                Dropped.error(cause, actual.currentContext());
            }
        } else if (cause != null) {
            actual.onError(cause);
        } else {
            actual.onComplete();
        }
    }
}
