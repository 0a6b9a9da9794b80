package io.nvmf.rdma.iwarp;

/** The peer broke the protocol, and is told how. Without a stack trace: what counts is what the peer sent. */
final class IwarpViolation extends Exception {

    private static final long serialVersionUID = 1L;

    /** What the peer is told. */
    private final TerminateError error;

    /**
     * A violation.
     *
     * @param error what the peer is told
     * @param detail what is wrong, with the offending value
     */
    IwarpViolation(TerminateError error, String detail) {
        super(error + ": " + detail, null, false, false);
        this.error = error;
    }

    TerminateError error() {
        return error;
    }
}
