package io.nvmf.spec;

/**
 * The CC property (NVMe Base Specification, "Controller Configuration").
 *
 * @param enabled EN
 * @param css CSS: {@link #CSS_NVM}, {@link #CSS_ALL} or {@link #CSS_ADMIN_ONLY}
 * @param mps MPS: the memory page is 2^(12 + MPS) bytes
 * @param ams AMS: arbitration mechanism
 * @param shutdown SHN
 * @param iosqes IOSQES: I/O submission queue entries have 2^n bytes
 * @param iocqes IOCQES: I/O completion queue entries have 2^n bytes
 * @param crime CRIME: controller ready independent of media
 */
public record ControllerConfiguration(
        boolean enabled,
        int css,
        int mps,
        int ams,
        ShutdownNotification shutdown,
        int iosqes,
        int iocqes,
        boolean crime) {
    /** CSS: the NVM command set. */
    public static final int CSS_NVM = 0;
    /** CSS: all I/O command sets supported. */
    public static final int CSS_ALL = 6;
    /** CSS: admin commands only. */
    public static final int CSS_ADMIN_ONLY = 7;

    /** SHN. */
    public enum ShutdownNotification {
        /** No shutdown. */
        NONE(0),
        /** Normal shutdown. */
        NORMAL(1),
        /** Abrupt shutdown. */
        ABRUPT(2),
        /** The value 3, which has no meaning. */
        RESERVED(3);

        private static final ShutdownNotification[] BY_VALUE = values();

        private final int value;

        ShutdownNotification(int value) {
            this.value = value;
        }

        /** {@return the value on the wire, 0..3} */
        public int value() {
            return value;
        }
    }

    /**
     * What a host writes to enable a controller: 64-byte and 16-byte entries, 4 KiB memory pages.
     *
     * @param css command set selection
     * @return the configuration with EN set
     */
    public static ControllerConfiguration enable(int css) {
        return new ControllerConfiguration(true, css, 0, 0, ShutdownNotification.NONE, 6, 4, false);
    }

    /**
     * Reads the property.
     *
     * @param value value of the property
     * @return the configuration
     */
    public static ControllerConfiguration decode(int value) {
        return new ControllerConfiguration(
                Wire.bits(value, 0, 1) != 0,
                Wire.bits(value, 4, 3),
                Wire.bits(value, 7, 4),
                Wire.bits(value, 11, 3),
                ShutdownNotification.BY_VALUE[Wire.bits(value, 14, 2)],
                Wire.bits(value, 16, 4),
                Wire.bits(value, 20, 4),
                Wire.bits(value, 24, 1) != 0);
    }

    /** {@return the value of the property} */
    public int encode() {
        return (enabled ? 1 : 0)
                | (css & 7) << 4
                | (mps & 0xF) << 7
                | (ams & 7) << 11
                | shutdown.value() << 14
                | (iosqes & 0xF) << 16
                | (iocqes & 0xF) << 20
                | (crime ? 1 << 24 : 0);
    }

    /**
     * The same with another EN.
     *
     * @param value EN
     * @return a copy
     */
    public ControllerConfiguration withEnabled(boolean value) {
        return new ControllerConfiguration(value, css, mps, ams, shutdown, iosqes, iocqes, crime);
    }

    /**
     * The same with another MPS.
     *
     * @param value MPS
     * @return a copy
     */
    public ControllerConfiguration withMps(int value) {
        return new ControllerConfiguration(enabled, css, value, ams, shutdown, iosqes, iocqes, crime);
    }

    /**
     * The same with another SHN.
     *
     * @param value SHN
     * @return a copy
     */
    public ControllerConfiguration withShutdown(ShutdownNotification value) {
        return new ControllerConfiguration(enabled, css, mps, ams, value, iosqes, iocqes, crime);
    }
}
