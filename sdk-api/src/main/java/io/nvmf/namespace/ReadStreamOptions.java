package io.nvmf.namespace;

import io.nvmf.spec.Require;
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

    /** What to do about an offset or a length that is not a multiple of the block size. */
    public enum Unaligned {
        /** Fail before anything is sent; the default. */
        REFUSE,
        /** Read whole blocks, and trim what was not asked for from the first and the last element. */
        ALLOW
    }

    private static final ReadStreamOptions DEFAULTS =
            new ReadStreamOptions(DEFAULT_CHUNK_SIZE, DEFAULT_WINDOW, AUTOMATIC_QUEUES, Unaligned.REFUSE, null);

    private final int chunkSize;
    private final int window;
    private final int queues;
    private final Unaligned unaligned;
    private final @Nullable StreamStatistics statistics;

    private ReadStreamOptions(
            int chunkSize, int window, int queues, Unaligned unaligned, @Nullable StreamStatistics statistics) {
        this.chunkSize = chunkSize;
        this.window = window;
        this.queues = queues;
        this.unaligned = unaligned;
        this.statistics = statistics;
    }

    /**
     * Options with the defaults named here.
     *
     * @return {@value #DEFAULT_CHUNK_SIZE} bytes in {@value #DEFAULT_WINDOW} commands over all queues, {@link
     *     Unaligned#REFUSE}, no statistics
     */
    public static ReadStreamOptions defaults() {
        return DEFAULTS;
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
        return new ReadStreamOptions(bytes, window, queues, unaligned, statistics);
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
        return new ReadStreamOptions(chunkSize, commands, queues, unaligned, statistics);
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
        return new ReadStreamOptions(chunkSize, window, most, unaligned, statistics);
    }

    /**
     * Sets what to do about ranges that are not whole blocks.
     *
     * @param choice default {@link Unaligned#REFUSE}
     * @return the changed copy
     */
    public ReadStreamOptions unaligned(Unaligned choice) {
        return new ReadStreamOptions(chunkSize, window, queues, Objects.requireNonNull(choice, "choice"), statistics);
    }

    /**
     * Lets the stream count what it does.
     *
     * @param observer counts one stream at a time
     * @return the changed copy
     */
    public ReadStreamOptions statistics(StreamStatistics observer) {
        return new ReadStreamOptions(
                chunkSize, window, queues, unaligned, Objects.requireNonNull(observer, "observer"));
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
}
