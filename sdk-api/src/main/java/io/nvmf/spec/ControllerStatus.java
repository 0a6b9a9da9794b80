package io.nvmf.spec;

/**
 * The CSTS property (NVMe Base Specification, "Controller Status").
 *
 * @param ready RDY
 * @param fatal CFS: the controller failed and needs a reset
 * @param shutdown SHST
 * @param subsystemResetOccurred NSSRO
 * @param processingPaused PP
 * @param subsystemShutdown ST: whether SHST speaks of the subsystem and not of the controller
 */
public record ControllerStatus(
        boolean ready,
        boolean fatal,
        ShutdownStatus shutdown,
        boolean subsystemResetOccurred,
        boolean processingPaused,
        boolean subsystemShutdown) {
    /** SHST. */
    public enum ShutdownStatus {
        /** Normal operation. */
        NONE(0),
        /** Shutdown is under way. */
        OCCURRING(1),
        /** Shutdown is complete. */
        COMPLETE(2),
        /** The value 3, which has no meaning. */
        RESERVED(3);

        private static final ShutdownStatus[] BY_VALUE = values();

        private final int value;

        ShutdownStatus(int value) {
            this.value = value;
        }

        /** {@return the value on the wire, 0..3} */
        public int value() {
            return value;
        }
    }

    /**
     * Status with RDY, CFS and SHST only.
     *
     * @param ready RDY
     * @param fatal CFS
     * @param shutdown SHST
     */
    public ControllerStatus(boolean ready, boolean fatal, ShutdownStatus shutdown) {
        this(ready, fatal, shutdown, false, false, false);
    }

    /**
     * Reads the property.
     *
     * @param value value of the property
     * @return the status
     */
    public static ControllerStatus decode(int value) {
        return new ControllerStatus(
                Wire.bits(value, 0, 1) != 0,
                Wire.bits(value, 1, 1) != 0,
                ShutdownStatus.BY_VALUE[Wire.bits(value, 2, 2)],
                Wire.bits(value, 4, 1) != 0,
                Wire.bits(value, 5, 1) != 0,
                Wire.bits(value, 6, 1) != 0);
    }

    /** {@return the value of the property} */
    public int encode() {
        return (ready ? 1 : 0)
                | (fatal ? 1 << 1 : 0)
                | shutdown.value() << 2
                | (subsystemResetOccurred ? 1 << 4 : 0)
                | (processingPaused ? 1 << 5 : 0)
                | (subsystemShutdown ? 1 << 6 : 0);
    }
}
