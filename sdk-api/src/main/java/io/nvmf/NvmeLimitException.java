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
