package io.nvmf.command;

import io.nvmf.transport.Termination;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A side broke the protocol: on the wire, which ends the connection and has a fatal error status, or above it, as a
 * structure with an impossible value does.
 */
public final class NvmeProtocolException extends NvmeException {

    private static final long serialVersionUID = 1L;

    /** Not serialized: a diagnosis for this process. */
    private final transient Termination.@Nullable ProtocolError error;

    /**
     * Creates the exception.
     *
     * @param message what is wrong, with the offending value
     * @param outcome what is known of the work that failed
     * @param error what the transport found; null for a violation above it
     * @param cause what it was noticed by, or null
     */
    public NvmeProtocolException(
            String message,
            CommandOutcome outcome,
            Termination.@Nullable ProtocolError error,
            @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.error = error;
    }

    /**
     * Fatal Error Status (FES) of NVMe/TCP section 3.6.2.5.
     *
     * @return the code, or -1 if the violation is above the transport
     */
    public int fatalErrorStatus() {
        return error == null ? -1 : error.fatalErrorStatus();
    }

    /**
     * Fatal Error Information (FEI), whose meaning depends on the status.
     *
     * @return unsigned 32 bits, or -1 if the violation is above the transport
     */
    public long fatalErrorInformation() {
        return error == null ? -1 : error.fatalErrorInformation();
    }

    /**
     * The first bytes of the offending message.
     *
     * @return at most 128 bytes, read only; empty if the violation is above the transport
     */
    public ByteBuffer header() {
        return error == null ? ByteBuffer.allocate(0).asReadOnlyBuffer() : error.header();
    }

    /**
     * Which side saw the violation.
     *
     * @return empty if the violation is above the transport
     */
    public Optional<Termination.Side> detectedBy() {
        return error == null ? Optional.empty() : Optional.of(error.detectedBy());
    }
}
