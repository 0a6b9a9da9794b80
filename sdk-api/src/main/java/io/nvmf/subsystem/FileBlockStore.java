package io.nvmf.subsystem;

import io.netty.buffer.ByteBuf;
import io.nvmf.transport.SharedAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Blocks in a file. */
final class FileBlockStore implements BlockStore {

    private static final int THREADS = 4;

    /** More than all queues of a target may have outstanding; whatever exceeds it fails. */
    private static final int MAX_WAITING = 1 << 20;

    private static final int IDLE_SECONDS = 30;

    private final Path path;
    private final int blockSize;
    private final long size;
    private final Shared shared;

    /** The file, and the threads that work on it. */
    private record OpenFile(FileChannel channel, Scheduler scheduler) {}

    /** What stores of the same file in other sizes share. */
    private static final class Shared {

        private final Lock opening = new ReentrantLock();
        private volatile OpenFile file;

        Shared(OpenFile file) {
            this.file = file;
        }
    }

    private FileBlockStore(Path path, long size, int blockSize, Shared shared) {
        this.path = path;
        this.size = size;
        this.blockSize = blockSize;
        this.shared = shared;
    }

    static FileBlockStore open(Path path, long size, int blockSize) {
        BlockStore.checkSize(size, blockSize);
        try {
            return new FileBlockStore(path, size, blockSize, new Shared(openFile(path, size)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + path + " with " + size + " bytes", e);
        }
    }

    private static OpenFile openFile(Path path, long size) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        try {
            lengthen(channel, size);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new OpenFile(
                channel,
                Schedulers.newBoundedElastic(
                        THREADS, MAX_WAITING, "nvmf-file-" + path.getFileName(), IDLE_SECONDS, true));
    }

    private static void lengthen(FileChannel channel, long size) throws IOException {
        if (channel.size() < size) {
            channel.write(ByteBuffer.allocate(1), size - 1);
        }
    }

    @Override
    public BlockStore resized(long newSize) {
        BlockStore.checkSize(newSize, blockSize);
        try {
            lengthen(shared.file.channel(), newSize);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + path + " as long as " + newSize + " bytes", e);
        }
        return new FileBlockStore(path, newSize, blockSize, shared);
    }

    @Override
    public Mono<Void> open() {
        return Mono.<Void>fromCallable(() -> {
                    shared.opening.lock();
                    try {
                        if (!shared.file.channel().isOpen()) {
                            shared.file = openFile(path, size);
                        }
                    } finally {
                        shared.opening.unlock();
                    }
                    return null;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blocks() {
        return size / blockSize;
    }

    @Override
    public Mono<ByteBuf> read(long offset, int length) {
        return onThread(channel -> {
            ByteBuf target = SharedAllocator.INSTANCE.directBuffer(length, length);
            try {
                fill(target, channel, offset);
                return target;
            } catch (IOException | RuntimeException e) {
                target.release();
                throw e;
            }
        });
    }

    /**
     * Fills all that is writable. The view of a pooled buffer begins anywhere, so its position is no count of bytes.
     */
    static void fill(ByteBuf target, FileChannel channel, long offset) throws IOException {
        int length = target.writableBytes();
        ByteBuffer bytes = target.internalNioBuffer(target.writerIndex(), length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + length - bytes.remaining()) < 0) {
                throw new IOException("the file ends at " + channel.size() + " within " + offset + '+' + length);
            }
        }
        target.writerIndex(target.writerIndex() + length);
    }

    @Override
    public Mono<Void> write(long offset, ByteBuf data) {
        return onThread(channel -> {
            long at = offset;
            for (ByteBuffer part : data.nioBuffers()) {
                while (part.hasRemaining()) {
                    at += channel.write(part, at);
                }
            }
            return null;
        });
    }

    @Override
    public Mono<Void> flush() {
        return onThread(channel -> {
            channel.force(false);
            return null;
        });
    }

    @Override
    public Deallocation deallocation() {
        return Deallocation.IGNORED;
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            OpenFile closing = shared.file;
            return FileBlockStore.<Void>onThread(closing, channel -> {
                        channel.close();
                        return null;
                    })
                    // Closed before: nobody is left to do it, and there is nothing to do.
                    .onErrorComplete(RejectedExecutionException.class)
                    // Without an interrupt: whoever listens may be on that thread and use files himself.
                    .then(Mono.defer(closing.scheduler()::disposeGracefully));
        });
    }

    private interface Work<T> {
        @Nullable
        T run(FileChannel channel) throws IOException;
    }

    private <T> Mono<T> onThread(Work<T> work) {
        return onThread(shared.file, work);
    }

    /**
     * Cancelling does not reach the thread on purpose: an interrupt would close the channel for everybody
     * ({@link java.nio.channels.ClosedByInterruptException}).
     */
    private static <T> Mono<T> onThread(OpenFile file, Work<T> work) {
        return Mono.create(sink -> {
            try {
                file.scheduler().schedule(() -> {
                    try {
                        T result = work.run(file.channel());
                        if (result == null) {
                            sink.success();
                        } else {
                            sink.success(result);
                        }
                    } catch (IOException | RuntimeException | OutOfMemoryError e) {
                        // Hosts decide how much is read at a time, and each of their commands has to have an end.
                        sink.error(e);
                    }
                });
            } catch (RejectedExecutionException e) {
                sink.error(e);
            }
        });
    }
}
