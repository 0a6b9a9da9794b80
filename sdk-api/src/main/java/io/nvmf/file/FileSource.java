package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.transport.SharedAllocator;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * Files as sources of bytes, made for {@link io.nvmf.NvmeNamespace#writeStream(long, org.reactivestreams.Publisher)
 * writeStream}: read into pooled direct buffers, whose memory then goes to the socket without another copy.
 *
 * <p>Each subscription opens the file anew, on its first demand, and closes it at its end, be that completion, failure
 * or cancellation. For each buffer that is asked for, one of {@value #BUFFER_SIZE} bytes is read, or of what is left,
 * and none in advance: a write stream asks for as much as its window holds, so that reading and sending overlap; for
 * other subscribers {@link Flux#limitRate(int)} does the same. A buffer belongs to the subscriber, who releases it; one
 * that is being read while the subscription is cancelled is released here.
 *
 * <p>Opening, reading and closing block, and therefore happen on {@link Schedulers#boundedElastic()}, where the signals
 * come from as well. No thread is held while nothing is asked for. The file is read rather than mapped on purpose: a
 * page that is not in memory would stop the event loop that sends it, and one that a truncation takes away would break
 * the connection or the JVM.
 *
 * <p>Failures are those of the file: an {@link java.io.IOException} such as {@link java.nio.file.NoSuchFileException},
 * or {@link java.io.EOFException} if the file ends before the range does. That is noticed before the first buffer,
 * unless the file is truncated while it is read.
 */
public final class FileSource {

    /** Size of the buffers in bytes: {@value}, two chunks of a write stream by default. */
    public static final int BUFFER_SIZE = 256 * 1024;

    private FileSource() {}

    /**
     * The bytes of a whole file, as many as it has when it is opened.
     *
     * @param path a regular file or a block device
     * @return the cold source; empty for an empty file
     */
    public static Flux<ByteBuf> bytes(Path path) {
        return source(path, 0, FileFlux.TO_THE_END);
    }

    /**
     * A range of the bytes of a file.
     *
     * @param path a regular file or a block device
     * @param offset first byte, at least 0
     * @param length number of bytes, at least 0; 0 gives an empty source, but the file has to be there all the same
     * @return the cold source
     * @throws IllegalArgumentException if offset or length is negative, or their sum exceeds 63 bits
     */
    public static Flux<ByteBuf> bytes(Path path, long offset, long length) {
        Require.notNegative("offset", offset);
        Require.range("length", length, 0, Long.MAX_VALUE - offset);
        return source(path, offset, length);
    }

    private static Flux<ByteBuf> source(Path path, long offset, long length) {
        Objects.requireNonNull(path, "path");
        return FileFlux.of(
                () -> FileChannel.open(path, StandardOpenOption.READ),
                path.toString(),
                offset,
                length,
                Schedulers.boundedElastic(),
                SharedAllocator.INSTANCE);
    }
}
