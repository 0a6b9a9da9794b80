package io.nvmf.samples.replicate;

/** What was asked for makes no sense with these namespaces or this state file: nothing was written. */
final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
