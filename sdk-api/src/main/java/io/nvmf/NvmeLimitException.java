package io.nvmf;

/** A limit would have been passed. Found before anything was sent. */
public final class NvmeLimitException extends NvmeException {

    private static final long serialVersionUID = 1L;

    private final String quantity;
    private final long value;
    private final long limit;

    NvmeLimitException(String quantity, long value, long limit, String detail) {
        super(quantity + " is " + value + ", the limit is " + limit + ": " + detail, null);
        this.quantity = quantity;
        this.value = value;
        this.limit = limit;
    }

    private NvmeLimitException(String message, String quantity, long value, long limit, Throwable cause) {
        super(message, cause);
        this.quantity = quantity;
        this.value = value;
        this.limit = limit;
    }

    /** The allocator has no memory left; how much there is at all is its secret, so the limit is what was to be had: nothing. */
    static NvmeLimitException noMemory(String what, long bytes, OutOfMemoryError cause) {
        return new NvmeLimitException(
                what + ": no memory for " + bytes + " bytes; nothing was sent (" + cause.getMessage() + ")",
                "free memory",
                bytes,
                0,
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
