package io.nvmf.samples.replicate;

/** A copy has ended before its end, and what has to be done to go on is known. */
final class CopyStoppedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CopyStoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
