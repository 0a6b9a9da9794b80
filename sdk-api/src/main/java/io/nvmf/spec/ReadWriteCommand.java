package io.nvmf.spec;

import io.netty.buffer.ByteBuf;

/**
 * The dwords of Read, Write and the commands that share their layout: Compare, Write Zeroes, Verify (NVM Command Set
 * Specification, "Read command", "Write command"). The host writes them with {@code Command.Builder.range}.
 *
 * <p>Static and free of allocation, because this is on the path of every I/O.
 */
public final class ReadWriteCommand {
    /** Most blocks of one command. */
    public static final int MAX_BLOCKS = 65536;
    /** Bit of CDW12: force unit access. */
    public static final int FUA = 1 << 30;
    /** Bit of CDW12: limited retry. */
    public static final int LIMITED_RETRY = 1 << 31;
    /** Bit of CDW12, Write Zeroes only: deallocate. */
    public static final int DEALLOCATE = 1 << 25;
    /** Dataset management hint (CDW13): the data belongs to a sequential access. */
    public static final int DSM_SEQUENTIAL = 1 << 6;
    /** Dataset management hint (CDW13): the data is incompressible. */
    public static final int DSM_INCOMPRESSIBLE = 1 << 7;
    /** Position of the latency hint (0..3) in CDW13. */
    public static final int DSM_LATENCY_SHIFT = 4;

    private ReadWriteCommand() {}

    /**
     * The lower half of the starting LBA.
     *
     * @param slba starting LBA, unsigned
     * @return CDW10
     */
    public static int cdw10(long slba) {
        return (int) slba;
    }

    /**
     * The upper half of the starting LBA.
     *
     * @param slba starting LBA, unsigned
     * @return CDW11
     */
    public static int cdw11(long slba) {
        return (int) (slba >>> 32);
    }

    /**
     * The number of blocks and the flags.
     *
     * @param blocks number of blocks, 1..65536; the 0's based field gets one less
     * @param flags bits of CDW12 such as {@link #FUA}; bits 15:0 must be 0
     * @return CDW12
     * @throws IllegalArgumentException if blocks or flags are out of range
     */
    public static int cdw12(int blocks, int flags) {
        Require.range("blocks", blocks, 1, MAX_BLOCKS);
        if ((flags & 0xFFFF) != 0) {
            throw new IllegalArgumentException(
                    "flags " + Integer.toHexString(flags) + "h overlap the number of blocks");
        }
        return flags | blocks - 1;
    }

    /**
     * Reads the starting LBA.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return SLBA, unsigned
     */
    public static long slba(ByteBuf buffer, int index) {
        return SubmissionQueueEntry.slba(buffer, index);
    }

    /**
     * Reads the number of blocks.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return 1..65536
     */
    public static int blocks(ByteBuf buffer, int index) {
        return buffer.getUnsignedShortLE(index + SubmissionQueueEntry.CDW12) + 1;
    }

    /**
     * Reads FUA.
     *
     * @param buffer holds the entry
     * @param index absolute index of the entry
     * @return whether the data has to be on the media before the command completes
     */
    public static boolean fua(ByteBuf buffer, int index) {
        return (SubmissionQueueEntry.dword(buffer, index, SubmissionQueueEntry.CDW12) & FUA) != 0;
    }

    /**
     * Whether the range lies inside a namespace, in unsigned arithmetic that cannot wrap.
     *
     * @param slba starting LBA, unsigned
     * @param blocks number of blocks, 1..65536
     * @param nsze size of the namespace in blocks, unsigned
     * @return true if the last block exists
     */
    public static boolean inRange(long slba, int blocks, long nsze) {
        return Long.compareUnsigned(slba, nsze) < 0 && Long.compareUnsigned(nsze - slba, blocks) >= 0;
    }
}
