package io.nvmf.namespace;

import io.nvmf.command.NvmeTimeoutException;
import io.nvmf.spec.Require;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@linkplain io.nvmf.NvmeNamespace#readStream read stream} works. Immutable: each setter returns a changed copy.
 */
public final class ReadStreamOptions {

    /** Default bytes of one command and one element: 128 KiB. */
    public static final int DEFAULT_CHUNK_SIZE = 128 * 1024;

    /** Default number of commands in flight: 16. */
    public static final int DEFAULT_WINDOW = 16;

    /** Largest number of commands in flight: 65,535, the slots of the largest queue. */
    public static final int MAX_WINDOW = 65_535;

    /** Largest number of queues: 65,535, the I/O queues that a controller can have. */
    public static final int MAX_QUEUES = 65_535;

    /** {@link #queues()} of a stream that goes by the size of its chunks: 0. */
    public static final int AUTOMATIC_QUEUES = 0;

    /** Size from which on the chunks of a stream go to several queues, unless something else was asked for: 128 KiB. */
    public static final int SPREAD_CHUNK_SIZE = 128 * 1024;

    /** {@link #maxBuffered()} of a stream whose buffers are not counted after they were emitted. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** {@link #maxBuffered()} of a {@linkplain #body() body}: 2 MiB. */
    public static final long BODY_BUFFERED = 2 * 1024 * 1024;

    /** What to do about an offset or a length that is not a multiple of the block size. */
    public enum Unaligned {
        /** Fail before anything is sent; the default. */
        REFUSE,
        /** Read whole blocks, and trim what was not asked for from the first and the last element. */
        ALLOW
    }

    private static final ReadStreamOptions DEFAULTS = new ReadStreamOptions(
            DEFAULT_CHUNK_SIZE, DEFAULT_WINDOW, AUTOMATIC_QUEUES, UNLIMITED, Unaligned.REFUSE, null, null);

    private static final ReadStreamOptions BODY =
            DEFAULTS.maxBuffered(BODY_BUFFERED).unaligned(Unaligned.ALLOW);

    private final int chunkSize;
    private final int window;
    private final int queues;
    private final long maxBuffered;
    private final Unaligned unaligned;
    private final @Nullable StreamStatistics statistics;
    private final @Nullable Duration timeout;

    private ReadStreamOptions(
            int chunkSize,
            int window,
            int queues,
            long maxBuffered,
            Unaligned unaligned,
            @Nullable StreamStatistics statistics,
            @Nullable Duration timeout) {
        this.chunkSize = chunkSize;
        this.window = window;
        this.queues = queues;
        this.maxBuffered = maxBuffered;
        this.unaligned = unaligned;
        this.statistics = statistics;
        this.timeout = timeout;
    }

    /**
     * Options with the defaults named here.
     *
     * @return {@value #DEFAULT_CHUNK_SIZE} bytes in {@value #DEFAULT_WINDOW} commands over all queues, no
     *     bound for what was emitted, {@link Unaligned#REFUSE}, no statistics, no time limit
     */
    public static ReadStreamOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Options for the body of a response, or whatever else passes buffers on and releases them in order: the defaults,
     * but with at most {@value #BODY_BUFFERED} bytes {@linkplain #maxBuffered(long) held}, and any offset and length.
     * Servers ask for many elements at a time, whatever their size, and keep them until the client has read.
     *
     * @return {@code defaults().maxBuffered(BODY_BUFFERED).unaligned(Unaligned.ALLOW)}
     */
    public static ReadStreamOptions body() {
        return BODY;
    }

    /**
     * Sets the largest size of one command and so of one element. Rounded down to whole blocks but at least one block;
     * the namespace's largest transfer and its boundaries (NOIOB) make chunks smaller.
     *
     * @param bytes at least 1; default {@link #DEFAULT_CHUNK_SIZE}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadStreamOptions chunkSize(int bytes) {
        Require.positive("chunkSize", bytes);
        return new ReadStreamOptions(bytes, window, queues, maxBuffered, unaligned, statistics, timeout);
    }

    /**
     * Sets how many commands may be in flight, including those whose data waits for its turn. Demand and the slots of
     * the queues bound it further.
     *
     * @param commands 1..{@value #MAX_WINDOW}; default {@link #DEFAULT_WINDOW}
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadStreamOptions window(int commands) {
        Require.range("window", commands, 1, MAX_WINDOW);
        return new ReadStreamOptions(chunkSize, commands, queues, maxBuffered, unaligned, statistics, timeout);
    }

    /**
     * Sets over how many of the controller's I/O queues the stream spreads its commands. The window, and how many
     * queues there are, bound it further. The data of different queues is moved by different event loops, as far as
     * there are several; each command then costs a hand-over between them.
     *
     * @param most 1..{@value #MAX_QUEUES}; by default as many as half of the JVM's processors where chunks have
     *     {@value #SPREAD_CHUNK_SIZE} bytes or more, else one
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadStreamOptions queues(int most) {
        Require.range("queues", most, 1, MAX_QUEUES);
        return new ReadStreamOptions(chunkSize, window, most, maxBuffered, unaligned, statistics, timeout);
    }

    /**
     * Bounds the bytes that the stream has somewhere: in commands that are under way, and in buffers that it has
     * emitted until they are released by the last who has them, slices included. {@linkplain #window Window} and demand
     * bound a stream only up to the moment when a buffer is emitted; what keeps buffers, such as the response of an HTTP
     * server with a slow client, is bounded by this. A release may come from any thread, and lets the stream go on.
     *
     * <p>A subscriber that keeps buffers and waits for more of them than the bound lets pass waits for ever:
     * {@code collectList}, {@code buffer(n)}, a join, or a write stream whose chunks are larger than the bound. Only a
     * {@link #timeout} ends this, and says so in its message; {@link StreamStatistics#isWaitingForRelease()} shows it.
     * A buffer that is never released takes its bytes away from the stream for good.
     *
     * @param bytes at least 1, or {@link #UNLIMITED}, the default; less than one chunk works like one chunk
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadStreamOptions maxBuffered(long bytes) {
        Require.range("maxBuffered", bytes, 1, UNLIMITED);
        return new ReadStreamOptions(chunkSize, window, queues, bytes, unaligned, statistics, timeout);
    }

    /**
     * Sets what to do about ranges that are not whole blocks.
     *
     * @param choice default {@link Unaligned#REFUSE}
     * @return the changed copy
     */
    public ReadStreamOptions unaligned(Unaligned choice) {
        return new ReadStreamOptions(
                chunkSize, window, queues, maxBuffered, Objects.requireNonNull(choice, "choice"), statistics, timeout);
    }

    /**
     * Lets the stream count what it does.
     *
     * @param observer counts one stream at a time
     * @return the changed copy
     */
    public ReadStreamOptions statistics(StreamStatistics observer) {
        return new ReadStreamOptions(
                chunkSize,
                window,
                queues,
                maxBuffered,
                unaligned,
                Objects.requireNonNull(observer, "observer"),
                timeout);
    }

    /**
     * Sets the time that the whole stream has, from its subscription on; how long single commands may take is the
     * client's to say. A stream that has not ended by then fails with an {@link NvmeTimeoutException}: what was not
     * sent is taken back, the rest is aborted, and data that has not been emitted is released. A subscriber that does
     * not ask for elements uses up the time, too.
     *
     * @param limit greater than zero; none by default
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public ReadStreamOptions timeout(Duration limit) {
        Require.positive("timeout", limit);
        return new ReadStreamOptions(chunkSize, window, queues, maxBuffered, unaligned, statistics, limit);
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
     * @return number of queues, or {@link #AUTOMATIC_QUEUES}
     */
    public int queues() {
        return queues;
    }

    /**
     * See {@link #maxBuffered(long)}.
     *
     * @return bytes, or {@link #UNLIMITED}
     */
    public long maxBuffered() {
        return maxBuffered;
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
