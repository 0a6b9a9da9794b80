package io.nvmf.namespace;

/**
 * A moment of a {@linkplain io.nvmf.NvmeNamespace#writeStream write stream}. Counts are bytes of the source; what
 * read-modify-write adds to fill blocks is not counted, except in what is in flight.
 *
 * @param bytesWritten bytes known written without a gap, counted from the stream's offset
 * @param bytesAcknowledged bytes in writes that the controller has completed, with gaps; at least {@code bytesWritten}
 * @param bytesInFlight bytes in commands that are not completed
 * @param peakBytesInFlight the most that {@code bytesInFlight} has been
 * @param limitBytes what {@code bytesInFlight} never exceeds: window × chunk size
 * @param last whether this is the stream's last element: everything is written
 * @param durable whether everything written survives a loss of power; only the last element can be durable
 * @param paused whether commands wait to be sent again, because the association was lost or the controller has asked for
 *     a delay
 * @param interruptions how often the stream has been paused
 */
public record TransferProgress(
        long bytesWritten,
        long bytesAcknowledged,
        long bytesInFlight,
        long peakBytesInFlight,
        long limitBytes,
        boolean last,
        boolean durable,
        boolean paused,
        int interruptions) {}
