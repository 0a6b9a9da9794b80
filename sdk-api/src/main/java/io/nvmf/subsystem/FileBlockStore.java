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

    private final FileChannel channel;
    private final int blockSize;
    private final long size;
    private final Scheduler scheduler;

    private FileBlockStore(FileChannel channel, Path path, long size, int blockSize) {
        this.channel = channel;
        this.size = size;
        this.blockSize = blockSize;
        this.scheduler = Schedulers.newBoundedElastic(
                THREADS, MAX_WAITING, "nvmf-file-" + path.getFileName(), IDLE_SECONDS, true);
    }

    static FileBlockStore open(Path path, long size, int blockSize) {
        BlockStore.checkSize(size, blockSize);
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            try {
                if (channel.size() < size) {
                    channel.write(ByteBuffer.allocate(1), size - 1);
                }
                return new FileBlockStore(channel, path, size, blockSize);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open " + path + " with " + size + " bytes", e);
        }
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
        return onThread(() -> {
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
        return onThread(() -> {
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
        return onThread(() -> {
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
        return this.<Void>onThread(() -> {
                    channel.close();
                    return null;
                })
                // Closed before: nobody is left to do it, and there is nothing to do.
                .onErrorComplete(RejectedExecutionException.class)
                // Without an interrupt: whoever listens may be on that thread and use files himself.
                .then(Mono.defer(scheduler::disposeGracefully));
    }

    private interface Work<T> {
        @Nullable
        T run() throws IOException;
    }

    /**
     * Cancelling does not reach the thread on purpose: an interrupt would close the channel for everybody
     * ({@link java.nio.channels.ClosedByInterruptException}).
     */
    private <T> Mono<T> onThread(Work<T> work) {
        return Mono.create(sink -> {
            try {
                scheduler.schedule(() -> {
                    try {
                        T result = work.run();
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
