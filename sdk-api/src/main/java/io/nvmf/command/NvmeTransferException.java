package io.nvmf.command;

/**
 * A stream to a namespace ended before its end. The report says what is known to be written, the cause says why it
 * ended.
 */
public final class NvmeTransferException extends NvmeException {

    private static final long serialVersionUID = 1L;

    /** Not serialized: a diagnosis for this process. */
    private final transient TransferReport report;

    /**
     * Creates the exception. Its outcome follows from the report: {@link CommandOutcome#UNKNOWN} if any byte is in
     * doubt.
     *
     * @param message how the stream ended
     * @param report what is known of its bytes
     * @param cause why it ended
     */
    public NvmeTransferException(String message, TransferReport report, Throwable cause) {
        super(message, outcome(report), cause);
        this.report = report;
    }

    private static CommandOutcome outcome(TransferReport report) {
        if (!report.inDoubt().isEmpty()) {
            return CommandOutcome.UNKNOWN;
        }
        return report.bytesAcknowledged() > 0 ? CommandOutcome.ANSWERED : CommandOutcome.NOT_SENT;
    }

    /**
     * What is known of the bytes of the stream.
     *
     * @return the report
     */
    public TransferReport report() {
        return report;
    }
}
