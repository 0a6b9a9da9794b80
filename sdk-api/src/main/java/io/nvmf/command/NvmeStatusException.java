package io.nvmf.command;

import io.nvmf.spec.Retry;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The controller answered a command with an error status (NVMe Base Specification, "Status Field Definition"). */
public final class NvmeStatusException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final int opcode;
    private final int rawStatus;
    private final boolean fromController;
    private final Duration retryDelay;

    /** Not serialized: a diagnosis for this process. */
    private final transient @Nullable BlockRange blocks;

    /** Not serialized: a diagnosis for this process. */
    private final transient @Nullable ByteRange bytes;

    /**
     * Creates the exception.
     *
     * @param message what was answered how
     * @param outcome {@link CommandOutcome#ANSWERED}, or {@link CommandOutcome#NOT_CONNECTED} before an association is
     *     up, or {@link CommandOutcome#NOT_SENT} if this host knew the answer beforehand
     * @param opcode of the command that was answered, 0..255
     * @param status the answer
     * @param fromController false if this host made up the status
     * @param retryDelay what the controller asks for, or zero
     * @param blocks of the command; null for a command without a range of blocks
     * @param bytes the same in bytes; null if that is not known
     */
    public NvmeStatusException(
            String message,
            CommandOutcome outcome,
            int opcode,
            Status status,
            boolean fromController,
            Duration retryDelay,
            @Nullable BlockRange blocks,
            @Nullable ByteRange bytes) {
        super(message, outcome, null);
        this.opcode = opcode;
        this.rawStatus = status.raw();
        this.fromController = fromController;
        this.retryDelay = retryDelay;
        this.blocks = blocks;
        this.bytes = bytes;
    }

    /**
     * The same failure with its place in bytes, for a namespace whose block size is known.
     *
     * @param blockSize bytes of a block, a power of two
     * @return this if it has no range of blocks
     */
    public NvmeStatusException inBytes(int blockSize) {
        if (blocks == null) {
            return this;
        }
        ByteRange place = new ByteRange(blocks.lba() * blockSize, (long) blocks.blocks() * blockSize);
        return new NvmeStatusException(
                getMessage() + "; bytes " + place + " of the namespace",
                outcome(),
                opcode,
                status(),
                fromController,
                retryDelay,
                blocks,
                place);
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
     * The logical blocks of the command that was answered; of a stream, those of the command that failed first.
     *
     * @return empty for a command without a range of blocks
     */
    public Optional<BlockRange> blocks() {
        return Optional.ofNullable(blocks);
    }

    /**
     * The same in bytes from the beginning of the namespace, as the offsets of streams are.
     *
     * @return empty for a command without a range of blocks, and for a {@link Command} that was given to a queue, which
     *     does not know the block size
     */
    public Optional<ByteRange> bytes() {
        return Optional.ofNullable(bytes);
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
