package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.math.BigInteger;
import java.util.Optional;

/**
 * Reusable view of a large data structure whose numbers are addressed by field instead of by a getter each.
 *
 * <p>Instances hold no bytes and are not thread safe; ownership of the buffer stays with the caller.
 *
 * @param <F> enum of the fields
 * @param <T> the structure itself
 */
public abstract class Structure<F extends StructureField, T extends Structure<F, T>> {
    private final int length;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int index;

    Structure(int length) {
        this.length = length;
    }

    abstract T self();

    /**
     * Points this view at a structure.
     *
     * @param buffer holds all bytes of the structure below its writer index
     * @param index absolute index of the structure
     * @return this
     * @throws SpecificationViolationException if there are fewer bytes
     */
    public T wrap(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, length, getClass().getSimpleName());
        this.buffer = buffer;
        this.index = index;
        return self();
    }

    /** {@return the buffer that holds the structure} */
    public ByteBuf buffer() {
        return buffer;
    }

    /** {@return the absolute index of the structure in its buffer} */
    public int index() {
        return index;
    }

    /**
     * Zeroes the structure.
     *
     * @return this
     */
    public T clear() {
        buffer.setZero(index, length);
        return self();
    }

    /**
     * Reads a field.
     *
     * @param field field of at most 8 bytes
     * @return the value; 8-byte fields are unsigned
     */
    public long get(F field) {
        int at = index + field.offset();
        return switch (field.size()) {
            case 1 -> buffer.getUnsignedByte(at);
            case 2 -> buffer.getUnsignedShortLE(at);
            case 4 -> buffer.getUnsignedIntLE(at);
            case 8 -> buffer.getLongLE(at);
            default -> throw new IllegalArgumentException(field.name() + " has " + field.size() + " bytes, use getBig");
        };
    }

    /**
     * Writes a field.
     *
     * @param field field of at most 8 bytes
     * @param value unsigned value that fits
     * @return this
     * @throws IllegalArgumentException if the value does not fit
     */
    public T set(F field, long value) {
        int at = index + field.offset();
        if (field.size() < 8) {
            Require.range(field.name(), value, 0, (1L << (8 * field.size())) - 1);
        }
        switch (field.size()) {
            case 1 -> buffer.setByte(at, (int) value);
            case 2 -> buffer.setShortLE(at, (int) value);
            case 4 -> buffer.setIntLE(at, (int) value);
            case 8 -> buffer.setLongLE(at, value);
            default -> setBig(field, BigInteger.valueOf(value));
        }
        return self();
    }

    /**
     * Whether a field has all of the given bits.
     *
     * @param field field of at most 8 bytes
     * @param bits bits to look at
     * @return true if all are 1
     */
    public boolean has(F field, long bits) {
        return (get(field) & bits) == bits;
    }

    /**
     * Reads a field of any size.
     *
     * @param field the field
     * @return the value, unsigned
     */
    public BigInteger getBig(F field) {
        byte[] bytes = new byte[field.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[bytes.length - 1 - i] = buffer.getByte(index + field.offset() + i);
        }
        return new BigInteger(1, bytes);
    }

    /**
     * Writes a field of any size.
     *
     * @param field the field
     * @param value unsigned value that fits
     * @return this
     * @throws IllegalArgumentException if the value does not fit
     */
    public T setBig(F field, BigInteger value) {
        if (value.signum() < 0 || value.bitLength() > 8 * field.size()) {
            throw new IllegalArgumentException(
                    field.name() + " is " + value + ", it has " + field.size() + " unsigned bytes");
        }
        for (int i = 0; i < field.size(); i++) {
            buffer.setByte(index + field.offset() + i, value.shiftRight(8 * i).intValue());
        }
        return self();
    }

    String text(int offset, int size) {
        return Wire.trimmedAscii(buffer, index + offset, size);
    }

    T text(int offset, int size, String value, int padding) {
        Wire.putPadded(buffer, index + offset, size, value, padding);
        return self();
    }

    /** A big-endian identifier as digits, so that it reads as people write it. */
    Optional<String> identifier(int offset, int size) {
        String digits = ByteBufUtil.hexDump(buffer, index + offset, size);
        return digits.chars().allMatch(digit -> digit == '0') ? Optional.empty() : Optional.of(digits);
    }

    T identifier(int offset, int size, String digits) {
        Require.range("number of digits", digits.length(), 2L * size, 2L * size);
        buffer.setBytes(index + offset, ByteBufUtil.decodeHexDump(digits));
        return self();
    }
}
