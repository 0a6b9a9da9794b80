package io.nvmf.namespace;

import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@linkplain io.nvmf.NvmeNamespace#writeStream write stream} works. Immutable: each setter returns a changed
 * copy.
 */
public final class WriteStreamOptions {

    /** Default number of I/O queues: 1. Unlike the reads of a stream, its writes were not faster over several. */
    public static final int DEFAULT_QUEUES = 1;

    /** {@link #expectedLength()} of a source whose length is not known: -1. */
    public static final long UNKNOWN_LENGTH = -1;

    /** What to do about an offset or an end that is not a multiple of the block size. */
    public enum Unaligned {
        /**
         * The default. An offset or {@linkplain #expectedLength(long) expected length} that is not whole blocks fails
         * before anything is sent. A source that turns out to end within a block has its whole blocks written, then the
         * stream fails with a report of how many bytes were left over.
         */
        REFUSE,
        /**
         * Read the first and the last block, merge, and write them back. Not atomic: what somebody else writes into
         * these two blocks in between is lost.
         */
        READ_MODIFY_WRITE
    }

    /** What the last element's {@link TransferProgress#durable()} stands for. */
    public enum Durability {
        /** Nothing: written data may be in a volatile write cache. */
        NONE,
        /** One Flush command after the last write; the default. */
        FLUSH,
        /** Force unit access in every write. */
        FUA
    }

    private static final WriteStreamOptions DEFAULTS = new WriteStreamOptions(
            ReadStreamOptions.DEFAULT_CHUNK_SIZE,
            ReadStreamOptions.DEFAULT_WINDOW,
            DEFAULT_QUEUES,
            Unaligned.REFUSE,
            Durability.FLUSH,
            UNKNOWN_LENGTH,
            null,
            null);

    private final int chunkSize;
    private final int window;
    private final int queues;
    private final Unaligned unaligned;
    private final Durability durability;
    private final long expectedLength;
    private final @Nullable StreamStatistics statistics;
    private final @Nullable Duration timeout;

    private WriteStreamOptions(
            int chunkSize,
            int window,
            int queues,
            Unaligned unaligned,
            Durability durability,
            long expectedLength,
            @Nullable StreamStatistics statistics,
            @Nullable Duration timeout) {
        this.chunkSize = chunkSize;
        this.window = window;
        this.queues = queues;
        this.unaligned = unaligned;
        this.durability = durability;
        this.expectedLength = expectedLength;
        this.statistics = statistics;
        this.timeout = timeout;
    }

    /**
     * Options with the defaults named here.
     *
     * @return chunks of {@value ReadStreamOptions#DEFAULT_CHUNK_SIZE} bytes, {@value ReadStreamOptions#DEFAULT_WINDOW}
     *     commands on {@value #DEFAULT_QUEUES} queue, {@link Unaligned#REFUSE}, {@link Durability#FLUSH}, unknown
     *     length, no statistics, no time limit, no time limit
     */
    public static WriteStreamOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the largest size of one command. Rounded down to whole blocks but at least one block; the namespace's
     * largest transfer and its boundaries (NOIOB) make chunks smaller.
     *
     * @param bytes at least 1; default {@link ReadStreamOptions#DEFAULT_CHUNK_SIZE}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public WriteStreamOptions chunkSize(int bytes) {
        Require.positive("chunkSize", bytes);
        return new WriteStreamOptions(
                bytes, window, queues, unaligned, durability, expectedLength, statistics, timeout);
    }

    /**
     * Sets how many writes may be in flight on all queues together; the slots of the queues bound it further.
     *
     * @param commands 1..{@value ReadStreamOptions#MAX_WINDOW}; default {@link ReadStreamOptions#DEFAULT_WINDOW}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public WriteStreamOptions window(int commands) {
        Require.range("window", commands, 1, ReadStreamOptions.MAX_WINDOW);
        return new WriteStreamOptions(
                chunkSize, commands, queues, unaligned, durability, expectedLength, statistics, timeout);
    }

    /**
     * Sets over how many of the controller's I/O queues the stream spreads its writes, whatever the size of its chunks;
     * see {@link ReadStreamOptions#queues(int)}.
     *
     * @param most 1..{@value ReadStreamOptions#MAX_QUEUES}; default {@link #DEFAULT_QUEUES}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public WriteStreamOptions queues(int most) {
        Require.range("queues", most, 1, ReadStreamOptions.MAX_QUEUES);
        return new WriteStreamOptions(
                chunkSize, window, most, unaligned, durability, expectedLength, statistics, timeout);
    }

    /**
     * Sets what to do about ranges that are not whole blocks.
     *
     * @param choice default {@link Unaligned#REFUSE}
     * @return the changed copy
     */
    public WriteStreamOptions unaligned(Unaligned choice) {
        return new WriteStreamOptions(
                chunkSize,
                window,
                queues,
                Objects.requireNonNull(choice, "choice"),
                durability,
                expectedLength,
                statistics,
                timeout);
    }

    /**
     * Sets how durable the data is when the stream completes.
     *
     * @param choice default {@link Durability#FLUSH}
     * @return the changed copy
     */
    public WriteStreamOptions durability(Durability choice) {
        return new WriteStreamOptions(
                chunkSize,
                window,
                queues,
                unaligned,
                Objects.requireNonNull(choice, "choice"),
                expectedLength,
                statistics,
                timeout);
    }

    /**
     * Sets how many bytes the source has. It is checked against the namespace before anything is sent, and a source
     * that is longer or shorter fails the stream.
     *
     * @param bytes at least 0, or {@link #UNKNOWN_LENGTH}, the default
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public WriteStreamOptions expectedLength(long bytes) {
        if (bytes != UNKNOWN_LENGTH) {
            Require.notNegative("expectedLength", bytes);
        }
        return new WriteStreamOptions(chunkSize, window, queues, unaligned, durability, bytes, statistics, timeout);
    }

    /**
     * Lets the stream count what it does.
     *
     * @param observer counts one stream at a time
     * @return the changed copy
     */
    public WriteStreamOptions statistics(StreamStatistics observer) {
        return new WriteStreamOptions(
                chunkSize,
                window,
                queues,
                unaligned,
                durability,
                expectedLength,
                Objects.requireNonNull(observer, "observer"),
                timeout);
    }

    /**
     * Sets the time that the whole stream has, from its subscription on, a Flush at the end included; how long single
     * commands may take is the client's to say. A stream that has not ended by then fails with an
     * {@link NvmeTransferException} whose cause is an {@link NvmeTimeoutException}. It waits for nothing then: the
     * source is cancelled, what was not sent is taken back, and what was sent is aborted and reported as in doubt.
     *
     * @param limit greater than zero; none by default
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public WriteStreamOptions timeout(Duration limit) {
        Require.positive("timeout", limit);
        return new WriteStreamOptions(
                chunkSize, window, queues, unaligned, durability, expectedLength, statistics, limit);
    }

    /**
     * See {@link #chunkSize(int)}.
     *
     * @return bytes
     */
    public int chunkSize() {
        return chunkSize;
    }

    /**
     * See {@link #window(int)}.
     *
     * @return number of commands
     */
    public int window() {
        return window;
    }

    /**
     * See {@link #queues(int)}.
     *
     * @return number of queues
     */
    public int queues() {
        return queues;
    }

    /**
     * See {@link #unaligned(Unaligned)}.
     *
     * @return the choice
     */
    public Unaligned unaligned() {
        return unaligned;
    }

    /**
     * See {@link #durability(Durability)}.
     *
     * @return the choice
     */
    public Durability durability() {
        return durability;
    }

    /**
     * See {@link #expectedLength(long)}.
     *
     * @return bytes, or {@link #UNKNOWN_LENGTH}
     */
    public long expectedLength() {
        return expectedLength;
    }

    /**
     * See {@link #statistics(StreamStatistics)}.
     *
     * @return null without
     */
    public @Nullable StreamStatistics statistics() {
        return statistics;
    }

    /**
     * See {@link #timeout(Duration)}.
     *
     * @return null without
     */
    public @Nullable Duration timeout() {
        return timeout;
    }
}
