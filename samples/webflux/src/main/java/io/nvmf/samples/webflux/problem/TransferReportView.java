package io.nvmf.samples.webflux.problem;

import io.nvmf.command.ByteRange;
import io.nvmf.command.TransferReport;
import java.util.List;

/**
 * What is known of an upload that failed, as JSON.
 *
 * @param offset where it began, in bytes from the beginning of the namespace
 * @param bytesReceived bytes of the body that had come
 * @param bytesWritten bytes known written without a gap: another upload can begin at {@code offset + bytesWritten}
 * @param writtenBeyond ranges known written behind the first gap
 * @param inDoubt ranges whose content is not known, in whole blocks
 * @param durable whether {@code bytesWritten} survive a loss of power
 */
record TransferReportView(
        long offset,
        long bytesReceived,
        long bytesWritten,
        List<ByteRange> writtenBeyond,
        List<ByteRange> inDoubt,
        boolean durable) {

    static TransferReportView of(TransferReport report) {
        return new TransferReportView(
                report.offset(),
                report.bytesReceived(),
                report.bytesWritten(),
                report.writtenBeyond(),
                report.inDoubt(),
                report.durable());
    }
}
