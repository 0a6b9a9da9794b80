package io.nvmf.spec;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A list of namespace identifiers, CNS 02h and others (NVMe Base Specification, "Namespace List"): ascending, ended by
 * 0 or by the end of the structure. A full list continues above its last identifier.
 */
public final class NamespaceList {
    /** Bytes of the structure. */
    public static final int LENGTH = 4096;
    /** Most identifiers in a list. */
    public static final int MAX_ENTRIES = LENGTH / 4;

    private NamespaceList() {}

    /**
     * Reads a list.
     *
     * @param buffer holds the list
     * @param index absolute index of the list
     * @return the identifiers, unsigned, ascending; never 0
     * @throws SpecificationViolationException if there are fewer than 4096 bytes, or the identifiers do not ascend and
     *     a host that pages through them would never end
     */
    public static int[] decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Namespace list");
        int[] nsids = new int[MAX_ENTRIES];
        int previous = 0;
        for (int i = 0; i < MAX_ENTRIES; i++) {
            int nsid = buffer.getIntLE(index + 4 * i);
            if (nsid == 0) {
                return Arrays.copyOf(nsids, i);
            }
            if (Integer.compareUnsigned(nsid, previous) <= 0) {
                throw new SpecificationViolationException(
                        "NSID", Integer.toUnsignedLong(nsid), 4 * i, "must be above the one before");
            }
            nsids[i] = nsid;
            previous = nsid;
        }
        return nsids;
    }

    /**
     * Writes all 4096 bytes.
     *
     * @param buffer receives the list
     * @param index absolute index of the list
     * @param nsids at most 1024 ascending identifiers
     */
    public static void encode(ByteBuf buffer, int index, int... nsids) {
        Require.range("number of NSIDs", nsids.length, 0, MAX_ENTRIES);
        buffer.setZero(index, LENGTH);
        for (int i = 0; i < nsids.length; i++) {
            buffer.setIntLE(index + 4 * i, nsids[i]);
        }
    }
}
