package io.nvmf.rdma.spi;

/** An operation failed. */
public final class RdmaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** How. */
    public enum Kind {
        /** The connection ended before the operation was done. */
        FLUSHED,
        /** More operations, windows or memory than there are. Nothing was started. */
        EXHAUSTED,
        /** The operation itself failed; the connection ends. */
        FAILED
    }

    /** How it failed. */
    private final Kind kind;

    /**
     * A failure.
     *
     * @param kind how
     * @param message what was wrong, with the offending value
     */
    public RdmaException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /**
     * How it failed.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
