package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/** The Changed Attached Namespace List log page, 04h (NVMe Base Specification, "Changed Attached Namespace List"). */
public final class ChangedNamespaceList {
    /** Bytes of the page. */
    public static final int LENGTH = NamespaceList.LENGTH;

    private ChangedNamespaceList() {}

    /**
     * Whether more than 1024 namespaces changed, so that the page names none and all have to be read again.
     *
     * @param buffer holds the page
     * @param index absolute index of the page
     * @return true if the first entry is FFFFFFFFh
     * @throws SpecificationViolationException if there are fewer than 4096 bytes
     */
    public static boolean overflowed(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, LENGTH, "Changed namespace list");
        return buffer.getIntLE(index) == SubmissionQueueEntry.BROADCAST_NSID;
    }

    /**
     * Reads the page.
     *
     * @param buffer holds the page
     * @param index absolute index of the page
     * @return the namespaces that changed, ascending; empty if the list {@linkplain #overflowed overflowed}
     * @throws SpecificationViolationException if there are fewer than 4096 bytes or the identifiers do not ascend
     */
    public static int[] decode(ByteBuf buffer, int index) {
        return overflowed(buffer, index) ? new int[0] : NamespaceList.decode(buffer, index);
    }

    /**
     * Writes all 4096 bytes; more identifiers than fit make the list overflow.
     *
     * @param buffer receives the page
     * @param index absolute index of the page
     * @param nsids ascending identifiers
     */
    public static void encode(ByteBuf buffer, int index, int... nsids) {
        if (nsids.length > NamespaceList.MAX_ENTRIES) {
            NamespaceList.encode(buffer, index, SubmissionQueueEntry.BROADCAST_NSID);
        } else {
            NamespaceList.encode(buffer, index, nsids);
        }
    }
}
