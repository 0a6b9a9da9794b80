package io.nvmf.samples.quickstart;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Where the bytes come from: cold streams of buffers, each made or read only when it is asked for. */
final class DataSource {

    private static final int BUFFER_SIZE = 256 * 1024;

    private DataSource() {}

    /** Fills the rest of a buffer. */
    private interface Filler {
        void fill(ByteBuf buffer) throws IOException;
    }

    /** Pseudo-random data, the same on every subscription. */
    static Flux<ByteBuf> generated(long length) {
        return Flux.defer(() -> {
            SplittableRandom random = new SplittableRandom(length);
            return buffers(length, buffer -> {
                while (buffer.writableBytes() >= Long.BYTES) {
                    buffer.writeLongLE(random.nextLong());
                }
                while (buffer.isWritable()) {
                    buffer.writeByte(random.nextInt());
                }
            });
        });
    }

    /** The beginning of a file. */
    static Flux<ByteBuf> file(Path path, long length) {
        return Flux.using(
                () -> FileChannel.open(path, StandardOpenOption.READ),
                channel -> buffers(length, buffer -> {
                    while (buffer.isWritable()) {
                        if (buffer.writeBytes(channel, buffer.writableBytes()) < 0) {
                            throw new EOFException(path + " became shorter while it was read");
                        }
                    }
                }),
                DataSource::close);
    }

    /** One buffer for each demand. The thread may block, so the event loops stay free for the network. */
    private static Flux<ByteBuf> buffers(long length, Filler filler) {
        return Flux.<ByteBuf, Long>generate(() -> length, (remaining, sink) -> {
                    if (remaining == 0) {
                        sink.complete();
                        return remaining;
                    }
                    int size = (int) Math.min(BUFFER_SIZE, remaining);
                    ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(size, size);
                    try {
                        filler.fill(buffer);
                        sink.next(buffer);
                    } catch (IOException e) {
                        buffer.release();
                        sink.error(e);
                    }
                    return remaining - size;
                })
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
