package io.nvmf.file;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * A file as the end of a stream of bytes, such as a {@linkplain io.nvmf.NvmeNamespace#readStream read stream} or the
 * body of a request. Immutable: each setter returns a changed copy.
 *
 * <pre>{@code
 * Mono<Long> copied = FileSink.replacing(path).force(true).write(namespace.readStream(0, length)).last();
 * }</pre>
 *
 * <p>Opening, writing, forcing and closing block, and therefore happen on {@link Schedulers#boundedElastic()}, where the
 * signals come from as well. No thread is held while there is nothing to write. {@link #buffers(int)} buffers are asked
 * for ahead of the one that is being written, so that reading and writing overlap.
 *
 * <p>Every buffer that the source emits belongs to the sink and is released exactly once, whatever happens: written, left
 * over by a failure, or discarded by an operator in between. After a failure or a cancel the source is cancelled, the
 * file closed and kept as far as it was written.
 */
public final class FileSink {

    /** Default number of buffers that are asked for ahead: 16. */
    public static final int DEFAULT_BUFFERS = 16;

    /** Largest number of buffers that are asked for ahead: 1,024. */
    public static final int MAX_BUFFERS = 1024;

    private final Path path;
    private final long offset;
    private final OpenOption[] opening;
    private final boolean force;
    private final int buffers;

    private FileSink(Path path, long offset, OpenOption[] opening, boolean force, int buffers) {
        this.path = path;
        this.offset = offset;
        this.opening = opening;
        this.force = force;
        this.buffers = buffers;
    }

    /**
     * A file that is not there yet; writing fails with {@link java.nio.file.FileAlreadyExistsException} if it is.
     *
     * @param path where it will be
     * @return the sink
     */
    public static FileSink creating(Path path) {
        return sink(path, 0, StandardOpenOption.CREATE_NEW);
    }

    /**
     * A file that has what is written and nothing else: it is made if it is not there, and emptied if it is.
     *
     * @param path where it is or will be
     * @return the sink
     */
    public static FileSink replacing(Path path) {
        return sink(path, 0, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /**
     * A range of a file, or of a block device: what is written goes exactly there, and the rest stays as it is. The file
     * is made if it is not there; what lies before the offset reads as zeros then.
     *
     * @param path where it is or will be
     * @param offset where the first byte goes, at least 0
     * @return the sink
     * @throws IllegalArgumentException if the offset is negative
     */
    public static FileSink at(Path path, long offset) {
        return sink(path, Require.notNegative("offset", offset), StandardOpenOption.CREATE);
    }

    private static FileSink sink(Path path, long offset, StandardOpenOption... how) {
        OpenOption[] opening = new OpenOption[how.length + 1];
        System.arraycopy(how, 0, opening, 0, how.length);
        opening[how.length] = StandardOpenOption.WRITE;
        return new FileSink(Objects.requireNonNull(path, "path"), offset, opening, false, DEFAULT_BUFFERS);
    }

    /**
     * Sets whether content and metadata of the file are forced to the device (fsync) before the last signal.
     *
     * @param on default false
     * @return the changed copy
     */
    public FileSink force(boolean on) {
        return new FileSink(path, offset, opening, on, buffers);
    }

    /**
     * Sets how many buffers are asked for ahead, whatever their size. Bounds in bytes are the source's to keep, such as
     * {@link io.nvmf.namespace.ReadStreamOptions#maxBuffered(long)}.
     *
     * @param ahead 1..{@value #MAX_BUFFERS}; default {@value #DEFAULT_BUFFERS}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FileSink buffers(int ahead) {
        return new FileSink(path, offset, opening, force, Require.range("buffers", ahead, 1, MAX_BUFFERS));
    }

    /**
     * Writes a source. Nothing happens before the result is subscribed to; each subscription subscribes to the source
     * and opens the file anew.
     *
     * <p>The result is the progress: bytes written so far. Its demand is independent of the writing: an element says
     * what is true when it is emitted, moments that nobody asked for are skipped, and the last element is the number of
     * bytes written in all. Use {@code .last()} for that alone; cancelling ends the writing.
     *
     * <p>Fails with what the source fails with, or with an {@link IOException} of the file, such as {@link
     * java.nio.file.NoSuchFileException} for a directory that is not there or the one of a full disk.
     *
     * @param source buffers of any size, each the sink's once it is emitted; signals on any thread
     * @return the progress; at least one element if it completes
     */
    public Flux<Long> write(Publisher<? extends ByteBuf> source) {
        return FileWriteFlux.of(
                source,
                () -> FileChannel.open(path, opening),
                new FileWrite.Settings(offset, force, buffers),
                Schedulers.boundedElastic());
    }

    @Override
    public String toString() {
        return "FileSink[" + path + ", offset=" + offset + ", force=" + force + ", buffers=" + buffers + "]";
    }
}
