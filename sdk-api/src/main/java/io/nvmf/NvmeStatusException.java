package io.nvmf;

import io.nvmf.spec.Retry;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.time.Duration;
import java.util.Optional;

/** The controller answered a command with an error status (NVMe Base Specification, "Status Field Definition"). */
public final class NvmeStatusException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final int opcode;
    private final int rawStatus;
    private final boolean fromController;
    private final Duration retryDelay;

    NvmeStatusException(String message, int opcode, Status status, boolean fromController, Duration retryDelay) {
        super(message, null);
        this.opcode = opcode;
        this.rawStatus = status.raw();
        this.fromController = fromController;
        this.retryDelay = retryDelay;
    }

    /**
     * The whole status.
     *
     * @return type, code and flags
     */
    public Status status() {
        return Status.of(rawStatus);
    }

    /**
     * The status code, as the command's opcode gives it its meaning.
     *
     * @return empty for a code that the specification does not list
     */
    public Optional<StatusCode> statusCode() {
        return status().code(opcode);
    }

    /**
     * Opcode of the command that was answered.
     *
     * @return 0..255
     */
    public int opcode() {
        return opcode;
    }

    /**
     * Whether the controller says that the same command will fail again (DNR).
     *
     * @return true if repeating is pointless
     */
    public boolean doNotRetry() {
        return status().doNotRetry();
    }

    /**
     * Whether and how sending the command again can help.
     *
     * @return the class of the status
     */
    public Retry retry() {
        return status().retry(opcode);
    }

    /**
     * How long to wait before sending the command again: the command retry delay that the status selects (CRD).
     *
     * @return zero if the controller asks for none
     */
    public Duration retryDelay() {
        return retryDelay;
    }

    /**
     * Who made up the status.
     *
     * @return false if this host did, for example for data that arrived with a wrong digest
     */
    public boolean fromController() {
        return fromController;
    }
}
