package io.nvmf.transport;

/** A data transfer that did not end regularly; carries how much had been moved. */
public final class TransferException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why the transfer ended. */
    public enum Kind {
        /** The data arrived damaged: its digest does not match. The queue pair goes on. */
        INTEGRITY,
        /** The queue pair ended, or the capsule was withdrawn. */
        ABORTED
    }

    /** Why. */
    private final Kind kind;

    /** How much. */
    private final long bytes;

    /**
     * Creates the failure.
     *
     * @param kind why the transfer ended
     * @param bytes bytes moved before the end
     * @param message says what happened, with the numbers
     */
    public TransferException(Kind kind, long bytes, String message) {
        super(message);
        this.kind = kind;
        this.bytes = bytes;
    }

    /**
     * The transfer was ended by the end of the queue pair, or because nobody wanted it any more.
     *
     * @param bytes bytes moved before
     * @return the failure
     */
    public static TransferException aborted(long bytes) {
        return new TransferException(Kind.ABORTED, bytes, "the transfer was aborted after " + bytes + " bytes");
    }

    /**
     * All bytes are there, and some of them are wrong.
     *
     * @param bytes bytes moved
     * @return the failure
     */
    public static TransferException damaged(long bytes) {
        return new TransferException(
                Kind.INTEGRITY, bytes, "the data digest of the " + bytes + " bytes received is wrong");
    }

    /**
     * Why the transfer ended.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Bytes moved before the end.
     *
     * @return number of bytes
     */
    public long bytes() {
        return bytes;
    }
}
