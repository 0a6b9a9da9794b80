package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/** A list of controller identifiers, CNS 12h and 13h (NVMe Base Specification, "Controller List"). */
public final class ControllerList {
    /** Bytes of the structure. */
    public static final int LENGTH = 4096;
    /** Most identifiers in a list. */
    public static final int MAX_ENTRIES = 2047;

    private ControllerList() {}

    /**
     * Reads a list.
     *
     * @param buffer holds the list
     * @param index absolute index of the list
     * @return the identifiers
     * @throws SpecificationViolationException if the count is beyond 2047 or beyond the bytes there are
     */
    public static int[] decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, 2, "Controller list");
        int count = buffer.getUnsignedShortLE(index);
        if (count > MAX_ENTRIES) {
            throw new SpecificationViolationException("Number of identifiers", count, 0, "at most " + MAX_ENTRIES);
        }
        Wire.requireReadable(buffer, index, 2 + 2L * count, "Controller list");
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = buffer.getUnsignedShortLE(index + 2 + 2 * i);
        }
        return ids;
    }

    /**
     * Writes all 4096 bytes.
     *
     * @param buffer receives the list
     * @param index absolute index of the list
     * @param ids at most 2047 identifiers
     */
    public static void encode(ByteBuf buffer, int index, int... ids) {
        Require.range("number of identifiers", ids.length, 0, MAX_ENTRIES);
        buffer.setZero(index, LENGTH);
        buffer.setShortLE(index, ids.length);
        for (int i = 0; i < ids.length; i++) {
            buffer.setShortLE(index + 2 + 2 * i, ids[i]);
        }
    }
}
