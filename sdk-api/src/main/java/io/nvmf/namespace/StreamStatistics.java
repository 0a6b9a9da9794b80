package io.nvmf.namespace;

import org.jspecify.annotations.Nullable;

/**
 * Watches one read or write stream while it runs and after it ended, from any thread. Hand it to the stream with its
 * options; a stream that begins starts it from zero, so use one for each stream that runs at the same time.
 *
 * <pre>{@code
 * StreamStatistics statistics = new StreamStatistics();
 * namespace.readStream(0, length, ReadStreamOptions.defaults().statistics(statistics));
 * }</pre>
 */
public final class StreamStatistics {

    // Written by the event loop of the stream only; volatile for everybody who looks.
    private volatile long limitBytes;
    private volatile long bytesTransferred;
    private volatile long bytesInFlight;
    private volatile long peakBytesInFlight;
    private volatile long commands;
    private volatile boolean paused;
    private volatile int interruptions;
    private volatile long peakBytesHeld;

    /** Null without a bound. */
    private volatile @Nullable HeldBytes held;

    /** Creates statistics that are all zero. */
    public StreamStatistics() {}

    /**
     * What {@link #bytesInFlight()} never exceeds: window × chunk size, with the window bounded by the slots of the
     * queues and by {@link ReadStreamOptions#maxBuffered(long)}.
     *
     * @return bytes, 0 before the stream began
     */
    public long limitBytes() {
        return limitBytes;
    }

    /**
     * Bytes done: delivered to the subscriber of a read stream, known written without a gap by a write stream.
     *
     * @return bytes
     */
    public long bytesTransferred() {
        return bytesTransferred;
    }

    /**
     * Bytes in commands: for a read stream from submission to delivery, so including those that wait for their turn;
     * for a write stream from submission to completion.
     *
     * @return bytes
     */
    public long bytesInFlight() {
        return bytesInFlight;
    }

    /**
     * The most that {@link #bytesInFlight()} has been.
     *
     * @return bytes
     */
    public long peakBytesInFlight() {
        return peakBytesInFlight;
    }

    /**
     * Commands that moved data: Reads of a read stream, Writes of a write stream.
     *
     * @return number of commands submitted
     */
    public long commands() {
        return commands;
    }

    /**
     * Whether commands wait to be sent again, because the association was lost or the controller has asked for a delay.
     *
     * @return false while the stream goes on
     */
    public boolean isPaused() {
        return paused;
    }

    /**
     * How often the stream has been paused.
     *
     * @return number of pauses
     */
    public int interruptions() {
        return interruptions;
    }

    /**
     * Bytes of a read stream with {@link ReadStreamOptions#maxBuffered(long)} that are somewhere: those of {@link
     * #bytesInFlight()}, and those that were delivered and not released. What is released is missing here at once, also
     * after the stream has ended.
     *
     * @return bytes, 0 without such a bound
     */
    public long bytesHeld() {
        HeldBytes counted = held;
        return counted == null ? 0 : counted.bytes();
    }

    /**
     * The most that {@link #bytesHeld()} has been.
     *
     * @return bytes
     */
    public long peakBytesHeld() {
        return peakBytesHeld;
    }

    /**
     * Whether the stream has no command under way, because delivered buffers with {@link
     * ReadStreamOptions#maxBuffered(long)} bytes are not released. If this lasts while the subscriber waits for more
     * data, it holds on to what it has to release.
     *
     * @return false while the stream goes on
     */
    public boolean isWaitingForRelease() {
        HeldBytes counted = held;
        return counted != null && bytesInFlight == 0 && counted.isAwaited();
    }

    void begin(long limit) {
        begin(limit, null);
    }

    void begin(long limit, @Nullable HeldBytes counted) {
        held = counted;
        peakBytesHeld = 0;
        limitBytes = limit;
        bytesTransferred = 0;
        bytesInFlight = 0;
        peakBytesInFlight = 0;
        commands = 0;
        paused = false;
        interruptions = 0;
    }

    void interrupted(boolean now, int times) {
        paused = now;
        interruptions = times;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void submitted(int bytes) {
        commands++;
        long inFlight = bytesInFlight + bytes;
        bytesInFlight = inFlight;
        if (inFlight > peakBytesInFlight) {
            peakBytesInFlight = inFlight;
        }
        HeldBytes counted = held;
        if (counted != null) {
            peakBytesHeld = Math.max(peakBytesHeld, counted.bytes());
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void left(int bytes) {
        bytesInFlight -= bytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void transferred(long bytes) {
        bytesTransferred += bytes;
    }

    @Override
    public String toString() {
        return bytesTransferred + " bytes in " + commands + " commands, " + bytesInFlight + " bytes in flight, at most "
                + peakBytesInFlight + " of " + limitBytes;
    }
}
