package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The Dataset Management command and its list of ranges (NVM Command Set Specification, "Dataset Management command").
 * Indexes of ranges count from the reader index of the list.
 */
public final class DatasetManagementCommand {
    /** Bytes of a range. */
    public static final int RANGE_LENGTH = 16;
    /** Most ranges of one command. */
    public static final int MAX_RANGES = 256;
    /** Bit of CDW11 (AD): deallocate the ranges. */
    public static final int DEALLOCATE = 1 << 2;

    private DatasetManagementCommand() {}

    /**
     * Writes a range behind those that a list has, without context attributes.
     *
     * @param ranges receives 16 bytes at its writer index
     * @param slba first block, unsigned
     * @param blocks number of blocks, 0..4,294,967,295
     * @throws IllegalArgumentException if the number is out of range
     */
    public static void addRange(ByteBuf ranges, long slba, long blocks) {
        Require.range("blocks", blocks, 0, 0xFFFF_FFFFL);
        ranges.writeIntLE(0).writeIntLE((int) blocks).writeLongLE(slba);
    }

    /**
     * The number of ranges, as the command says it.
     *
     * @param ranges the list
     * @return CDW10, whose number is 0's based
     * @throws IllegalArgumentException if the list has not 1..256 whole ranges
     */
    public static int cdw10(ByteBuf ranges) {
        int bytes = Require.range("bytes of ranges", ranges.readableBytes(), RANGE_LENGTH, MAX_RANGES * RANGE_LENGTH);
        return Require.multiple("bytes of ranges", bytes, RANGE_LENGTH) / RANGE_LENGTH - 1;
    }

    /**
     * Reads the number of blocks of a range.
     *
     * @param ranges the list
     * @param index which range
     * @return 0..4,294,967,295
     */
    public static long blocks(ByteBuf ranges, int index) {
        return ranges.getUnsignedIntLE(ranges.readerIndex() + index * RANGE_LENGTH + 4);
    }

    /**
     * Reads the first block of a range.
     *
     * @param ranges the list
     * @param index which range
     * @return SLBA, unsigned
     */
    public static long slba(ByteBuf ranges, int index) {
        return ranges.getLongLE(ranges.readerIndex() + index * RANGE_LENGTH + 8);
    }
}
