package io.nvmf.namespace;

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

    /** Creates statistics that are all zero. */
    public StreamStatistics() {}

    /**
     * What {@link #bytesInFlight()} never exceeds: window × chunk size, with the window bounded by the slots of the
     * queues.
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

    void begin(long limit) {
        limitBytes = limit;
        bytesTransferred = 0;
        bytesInFlight = 0;
        peakBytesInFlight = 0;
        commands = 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void submitted(int bytes) {
        commands++;
        long inFlight = bytesInFlight + bytes;
        bytesInFlight = inFlight;
        if (inFlight > peakBytesInFlight) {
            peakBytesInFlight = inFlight;
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
