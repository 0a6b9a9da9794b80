package io.nvmf.command;

/**
 * A range of bytes of a namespace.
 *
 * @param offset first byte, counted from the beginning of the namespace
 * @param length number of bytes, at least 1
 */
public record ByteRange(long offset, long length) {

    /**
     * Checks that the range exists.
     *
     * @param offset 0 or more
     * @param length 1 or more; the end must be within 63 bits
     * @throws IllegalArgumentException if they are out of range
     */
    public ByteRange {
        if (offset < 0 || length < 1 || offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "offset " + offset + " and length " + length + " are not a range of bytes");
        }
    }

    /**
     * The byte behind the range.
     *
     * @return offset + length
     */
    public long end() {
        return offset + length;
    }

    @Override
    public String toString() {
        return "[" + offset + ", " + end() + ")";
    }
}
