package io.nvmf.target;

/**
 * Sizes and numbers of a target, the same for all of its controllers.
 *
 * @param ioQueues I/O queue pairs a controller grants, 1..65,534
 * @param queueSize entries of an I/O submission queue (CAP.MQES plus one, MAXCMD), 2..65,535
 * @param inCapsuleData data that an I/O command capsule may carry, in bytes; a multiple of 16, 0..16 MiB (IOCCSZ)
 * @param maxTransfer most data of one command in bytes (MDTS): a power of two, 8,192..2 GiB, or 0 for no limit
 * @param controllers controllers that may exist at a time, 1..65,519
 */
public record TargetLimits(int ioQueues, int queueSize, int inCapsuleData, long maxTransfer, int controllers) {

    /** I/O queue pairs of a controller by default. */
    public static final int DEFAULT_IO_QUEUES = 16;

    /** Entries of an I/O submission queue by default. */
    public static final int DEFAULT_QUEUE_SIZE = 128;

    /** Bytes of in-capsule data by default. */
    public static final int DEFAULT_IN_CAPSULE_DATA = 8192;

    /** Most data of one command by default, in bytes. */
    public static final long DEFAULT_MAX_TRANSFER = 1 << 20;

    /** Controllers at a time by default. */
    public static final int DEFAULT_CONTROLLERS = 64;

    /** What applies when nothing is set. */
    public static final TargetLimits DEFAULTS = new TargetLimits(
            DEFAULT_IO_QUEUES, DEFAULT_QUEUE_SIZE, DEFAULT_IN_CAPSULE_DATA, DEFAULT_MAX_TRANSFER, DEFAULT_CONTROLLERS);

    /** Entries of the largest admin submission queue a host may ask for (ASQSZ). */
    static final int ADMIN_QUEUE_SIZE = 128;

    /** Page size that MDTS counts in: CAP.MPSMIN is 0. */
    private static final int PAGE = 4096;

    /** MDTS 0 says that there is no limit, so one page is no limit that can be told. */
    private static final int MIN_MAX_TRANSFER = 2 * PAGE;

    private static final long MAX_MAX_TRANSFER = 1L << 31;
    private static final int MAX_IN_CAPSULE_DATA = 16 << 20;

    /**
     * Checks the ranges.
     *
     * @param ioQueues see the record
     * @param queueSize see the record
     * @param inCapsuleData see the record
     * @param maxTransfer see the record
     * @param controllers see the record
     */
    public TargetLimits {
        require("ioQueues", ioQueues, 1, 65_534);
        require("queueSize", queueSize, 2, 65_535);
        require("inCapsuleData", inCapsuleData, 0, MAX_IN_CAPSULE_DATA);
        require("controllers", controllers, 1, 65_519);
        if (inCapsuleData % 16 != 0) {
            throw new IllegalArgumentException("inCapsuleData " + inCapsuleData + " is not a multiple of 16");
        }
        if (maxTransfer != 0
                && (maxTransfer < MIN_MAX_TRANSFER
                        || maxTransfer > MAX_MAX_TRANSFER
                        || Long.bitCount(maxTransfer) != 1)) {
            throw new IllegalArgumentException("maxTransfer " + maxTransfer + " is neither 0 nor a power of two within "
                    + MIN_MAX_TRANSFER + ".." + MAX_MAX_TRANSFER);
        }
    }

    private static void require(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ' ' + value + " is outside " + min + ".." + max);
        }
    }

    /** MDTS as Identify Controller has it. */
    int mdts() {
        return maxTransfer == 0 ? 0 : Long.numberOfTrailingZeros(maxTransfer / PAGE);
    }

    /** Whether a command may move that much. */
    boolean permits(long length) {
        return maxTransfer == 0 || length <= maxTransfer;
    }
}
