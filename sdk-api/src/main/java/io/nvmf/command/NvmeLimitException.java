package io.nvmf.command;

import org.jspecify.annotations.Nullable;

/** A limit would have been passed. Found before anything was sent. */
public final class NvmeLimitException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final String quantity;
    private final long value;
    private final long limit;

    /**
     * Creates the exception for a command or a stream that is refused before anything of it was sent.
     *
     * @param quantity what is limited, in the specification's words
     * @param value the offending value
     * @param limit the limit
     * @param detail the sentence that goes with them
     */
    public NvmeLimitException(String quantity, long value, long limit, String detail) {
        this(quantity, value, limit, detail, CommandOutcome.NOT_SENT);
    }

    /**
     * Creates the exception.
     *
     * @param quantity what is limited, in the specification's words
     * @param value the offending value
     * @param limit the limit
     * @param detail the sentence that goes with them
     * @param outcome {@link CommandOutcome#NOT_SENT}, or {@link CommandOutcome#NOT_CONNECTED} before an association is
     *     up
     */
    public NvmeLimitException(String quantity, long value, long limit, String detail, CommandOutcome outcome) {
        this(
                quantity + " is " + value + ", the limit is " + limit + ": " + detail,
                quantity,
                value,
                limit,
                outcome,
                null);
    }

    private NvmeLimitException(
            String message,
            String quantity,
            long value,
            long limit,
            CommandOutcome outcome,
            @Nullable Throwable cause) {
        super(message, outcome, cause);
        this.quantity = quantity;
        this.value = value;
        this.limit = limit;
    }

    /**
     * The allocator has no memory left. How much there is at all is its secret, so the limit is what was to be had:
     * nothing.
     *
     * @param what what the memory was for
     * @param bytes how many were wanted
     * @param outcome {@link CommandOutcome#NOT_SENT}, or {@link CommandOutcome#NOT_CONNECTED} before an association is
     *     up
     * @param cause what the allocator said
     * @return the exception
     */
    public static NvmeLimitException noMemory(String what, long bytes, CommandOutcome outcome, OutOfMemoryError cause) {
        return new NvmeLimitException(
                what + ": no memory for " + bytes + " bytes; nothing was sent (" + cause.getMessage() + ")",
                "free memory",
                bytes,
                0,
                outcome,
                cause);
    }

    /**
     * What is limited, in the specification's words.
     *
     * @return the name
     */
    public String quantity() {
        return quantity;
    }

    /**
     * The offending value.
     *
     * @return in the unit of the quantity
     */
    public long value() {
        return value;
    }

    /**
     * The limit.
     *
     * @return in the unit of the quantity
     */
    public long limit() {
        return limit;
    }
}
