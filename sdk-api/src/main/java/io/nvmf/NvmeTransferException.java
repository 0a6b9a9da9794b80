package io.nvmf;

/**
 * A stream to a namespace ended before its end. The report says what is known to be written, the cause says why it ended.
 */
public final class NvmeTransferException extends NvmeException {

    private static final long serialVersionUID = 1L;

    /** Not serialized: a diagnosis for this process. */
    private final transient TransferReport report;

    NvmeTransferException(String message, TransferReport report, Throwable cause) {
        super(message, cause);
        this.report = report;
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
