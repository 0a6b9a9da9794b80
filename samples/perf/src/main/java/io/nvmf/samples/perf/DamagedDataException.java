package io.nvmf.samples.perf;

/** What was read is not what was written. */
final class DamagedDataException extends RuntimeException {

    private static final long serialVersionUID = 1;

    DamagedDataException(String message) {
        super(message);
    }
}
