package io.nvmf.channel;

import io.nvmf.NvmeNamespace;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.spec.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Ranges of a namespace as streams that block, for code that is not reactive. What the SDK fails with comes as the cause
 * of an {@link IOException}. Where the caller's thread must not block, such as an event loop, calls fail with {@link
 * IllegalStateException}. A thread that is interrupted while it waits closes the stream, and the call fails with {@link
 * java.nio.channels.ClosedByInterruptException}. A stream is for one thread at a time, but any thread may close it.
 */
public final class NamespaceStreams {

    private NamespaceStreams() {}

    /**
     * Reads a range with the {@linkplain ReadStreamOptions#body() options of a body}: at most 2 MiB ahead.
     *
     * @param namespace where
     * @param offset first byte
     * @param length number of bytes
     * @return see {@link #input(NvmeNamespace, long, long, ReadStreamOptions)}
     */
    public static InputStream input(NvmeNamespace namespace, long offset, long length) {
        return input(namespace, offset, length, ReadStreamOptions.body());
    }

    /**
     * Reads a range, several commands ahead of the reader. Nothing is sent before the first read. The bytes that are
     * ahead are bounded by {@link ReadStreamOptions#maxBuffered(long)}, and where the options have no such bound, by
     * {@link ReadStreamOptions#BODY_BUFFERED}. The timeout of the options is that of the whole stream.
     *
     * @param namespace where
     * @param offset first byte; need not be a multiple of the block size
     * @param length number of bytes; need not be a multiple of the block size
     * @param options chunk size, window, bytes ahead
     * @return the bytes; to be closed, which cancels what is under way
     * @throws IllegalArgumentException if offset or length is negative
     */
    public static InputStream input(NvmeNamespace namespace, long offset, long length, ReadStreamOptions options) {
        Require.notNegative("offset", offset);
        Require.notNegative("length", length);
        ReadStreamOptions bounded = options.maxBuffered() == ReadStreamOptions.UNLIMITED
                ? options.maxBuffered(ReadStreamOptions.BODY_BUFFERED)
                : options;
        return new RangeInputStream(
                namespace.readStream(offset, length, bounded.unaligned(ReadStreamOptions.Unaligned.ALLOW)));
    }

    /**
     * Writes from an offset on, whole blocks in commands of up to {@value NamespaceChannel#MAX_TRANSFER} bytes, one after
     * the other. {@code flush} writes what is gathered; where that does not end with a block, the block is read, changed
     * and written. {@code close} does so, too, and makes everything durable with a Flush command.
     *
     * <p>A stream that could not write stays failed, since what came behind would leave a gap: the first failure tells at
     * which byte it was, every later {@code write} and {@code flush} fails with that offset and the first failure as the
     * cause, and so does the first {@code close}. Nothing more is written. A {@code close} by another thread ends a call
     * that waits, and what is gathered is not written then, which both are told.
     *
     * @param namespace where, with the time limit that commands are to have
     * @param offset where the first byte goes; need not be a multiple of the block size
     * @return the stream; what is written beyond the end of the namespace fails
     * @throws IllegalArgumentException if the offset is negative
     */
    public static OutputStream output(NvmeNamespace namespace, long offset) {
        Require.notNegative("offset", offset);
        return new RangeOutputStream(NamespaceChannel.at(namespace, offset), offset);
    }
}
