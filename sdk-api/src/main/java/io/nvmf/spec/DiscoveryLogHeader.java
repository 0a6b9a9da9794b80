package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The header of the Discovery log page, 70h (NVMe Base Specification, "Discovery Log Page").
 *
 * @param generationCounter GENCTR, unsigned; entries read under another value of it belong to another page
 * @param recordCount NUMREC, unsigned
 * @param recordFormat RECFMT, 0 is the only one defined
 * @param filters DLPF: bit 0 extended entries, bit 1 port local, bit 2 all subsystems
 * @param totalLength TDLPL: bytes of the whole page, 0 if not reported
 */
public record DiscoveryLogHeader(
        long generationCounter, long recordCount, int recordFormat, int filters, long totalLength) {
    /** Bytes of the header, after which the entries start. */
    public static final int LENGTH = 1024;

    /**
     * Header of a page without extended entries.
     *
     * @param generationCounter GENCTR
     * @param recordCount NUMREC
     */
    public DiscoveryLogHeader(long generationCounter, long recordCount) {
        this(generationCounter, recordCount, 0, 0, 0);
    }

    /**
     * Reads a header.
     *
     * @param buffer holds the header; the first 24 bytes are enough
     * @param index absolute index of the header
     * @return the header
     * @throws SpecificationViolationException if there are fewer than 24 bytes
     */
    public static DiscoveryLogHeader decode(ByteBuf buffer, int index) {
        Wire.requireReadable(buffer, index, 24, "Discovery log header");
        return new DiscoveryLogHeader(
                buffer.getLongLE(index),
                buffer.getLongLE(index + 8),
                buffer.getUnsignedShortLE(index + 16),
                buffer.getUnsignedByte(index + 18),
                buffer.getUnsignedIntLE(index + 20));
    }

    /**
     * Writes all 1024 bytes.
     *
     * @param buffer receives the header
     * @param index absolute index of the header
     */
    public void encode(ByteBuf buffer, int index) {
        buffer.setZero(index, LENGTH);
        buffer.setLongLE(index, generationCounter);
        buffer.setLongLE(index + 8, recordCount);
        buffer.setShortLE(index + 16, recordFormat);
        buffer.setByte(index + 18, filters);
        buffer.setIntLE(index + 20, (int) totalLength);
    }

    /**
     * NUMREC for those who allocate by it.
     *
     * @param limit most entries the caller accepts
     * @return the number of entries, 0..limit
     * @throws SpecificationViolationException if there are more
     */
    public int recordCount(int limit) {
        if (recordCount < 0 || recordCount > limit) {
            throw new SpecificationViolationException("NUMREC", recordCount, 8, "at most " + limit + " are accepted");
        }
        return (int) recordCount;
    }
}
