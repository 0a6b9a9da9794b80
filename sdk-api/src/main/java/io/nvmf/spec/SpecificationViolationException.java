package io.nvmf.spec;

/** Thrown when bytes from a peer contradict the NVMe documents; says which field, which value and where. */
public final class SpecificationViolationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final long value;
    private final int offset;

    /**
     * Creates the exception.
     *
     * @param field the field in the specification's words, such as {@code "NIDL"}
     * @param value the offending value
     * @param offset byte offset of the field from the start of its structure
     * @param rule what the documents ask for
     */
    public SpecificationViolationException(String field, long value, int offset, String rule) {
        super(field + " at offset " + offset + " is " + value + " (" + Long.toHexString(value) + "h): " + rule);
        this.field = field;
        this.value = value;
        this.offset = offset;
    }

    /** {@return the name of the offending field} */
    public String field() {
        return field;
    }

    /** {@return the offending value} */
    public long value() {
        return value;
    }

    /** {@return the byte offset of the field from the start of its structure} */
    public int offset() {
        return offset;
    }
}
