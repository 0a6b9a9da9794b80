package io.nvmf.command;

import java.util.List;

/**
 * What became of a {@linkplain io.nvmf.NvmeNamespace#writeStream write stream} that failed. Every byte taken from the
 * source is either known written, in doubt, or not written.
 *
 * @param offset where the stream began, in bytes from the beginning of the namespace
 * @param bytesReceived bytes taken from the source
 * @param bytesWritten bytes known written without a gap from {@code offset}: a new attempt can begin at
 *     {@code offset + bytesWritten}
 * @param bytesLeftOver bytes behind the last whole block of a source that ended within a block; not written
 * @param writtenBeyond ranges known written behind the first gap
 * @param inDoubt ranges whose contents are not known: their writes were answered with an error, or not at all; whole
 *     blocks, with what read-modify-write puts around the source's bytes
 * @param durable whether the {@code bytesWritten} survive a loss of power
 * @param peakBytesInFlight the most bytes that were in commands at a time
 * @param limitBytes what {@code peakBytesInFlight} could not exceed: window × chunk size
 */
public record TransferReport(
        long offset,
        long bytesReceived,
        long bytesWritten,
        long bytesLeftOver,
        List<ByteRange> writtenBeyond,
        List<ByteRange> inDoubt,
        boolean durable,
        long peakBytesInFlight,
        long limitBytes) {

    /**
     * Copies the lists.
     *
     * @param offset start of the stream in bytes
     * @param bytesReceived bytes from the source
     * @param bytesWritten bytes written without a gap
     * @param bytesLeftOver bytes behind the last whole block
     * @param writtenBeyond ranges behind the first gap
     * @param inDoubt ranges with unknown contents
     * @param durable true if a loss of power does no harm
     * @param peakBytesInFlight most bytes in commands at a time
     * @param limitBytes bound of that
     */
    public TransferReport {
        writtenBeyond = List.copyOf(writtenBeyond);
        inDoubt = List.copyOf(inDoubt);
    }

    /**
     * Bytes whose contents are not known.
     *
     * @return the sum of {@link #inDoubt()}
     */
    public long bytesInDoubt() {
        return sum(inDoubt);
    }

    /**
     * Bytes that writes have put on the namespace, gaps or not.
     *
     * @return {@code bytesWritten} and the sum of {@link #writtenBeyond()}
     */
    public long bytesAcknowledged() {
        return bytesWritten + sum(writtenBeyond);
    }

    private static long sum(List<ByteRange> ranges) {
        long sum = 0;
        for (ByteRange range : ranges) {
            sum += range.length();
        }
        return sum;
    }

    @Override
    public String toString() {
        return bytesWritten + " of " + bytesReceived + " bytes received are known written from offset " + offset
                + (durable ? " and durable" : "")
                + (writtenBeyond.isEmpty() ? "" : ", and beyond them " + writtenBeyond)
                + (inDoubt.isEmpty() ? "" : ", in doubt are " + inDoubt)
                + (bytesLeftOver == 0 ? "" : ", " + bytesLeftOver + " bytes behind the last whole block are left over");
    }
}
