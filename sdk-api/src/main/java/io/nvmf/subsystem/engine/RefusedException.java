package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;

/** A command cannot be carried out, which only making its data has shown. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient Status status;

    RefusedException(Status status) {
        super(status.toString(), null, false, false);
        this.status = status;
    }

    /** What the host is told. */
    Status status() {
        return status;
    }
}
