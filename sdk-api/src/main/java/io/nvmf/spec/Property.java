package io.nvmf.spec;

import java.util.Optional;

/** The controller properties that exist over fabrics (NVMe Base Specification, "Controller Properties"). */
public enum Property {
    /** Controller capabilities, {@link ControllerCapabilities}. */
    CAP(0x00, 8),
    /** Version, {@link Version}. */
    VS(0x08, 4),
    /** Controller configuration, {@link ControllerConfiguration}. */
    CC(0x14, 4),
    /** Controller status, {@link ControllerStatus}. */
    CSTS(0x1C, 4),
    /** NVM subsystem reset; {@link #SUBSYSTEM_RESET} starts it. */
    NSSR(0x20, 4),
    /** NVM subsystem shutdown. */
    NSSD(0x64, 4),
    /** Controller ready timeouts. */
    CRTO(0x68, 4);

    /** The value ("NVMe") that, written to {@link #NSSR}, resets the subsystem. */
    public static final int SUBSYSTEM_RESET = 0x4E56_4D65;

    private final int offset;
    private final int size;

    Property(int offset, int size) {
        this.offset = offset;
        this.size = size;
    }

    /**
     * Looks a property up.
     *
     * @param offset OFST of a Property Get or Set command
     * @return the property that starts there, if any
     */
    public static Optional<Property> find(int offset) {
        for (Property property : values()) {
            if (property.offset == offset) {
                return Optional.of(property);
            }
        }
        return Optional.empty();
    }

    /** {@return the byte offset} */
    public int offset() {
        return offset;
    }

    /** {@return the size in bytes, 4 or 8} */
    public int size() {
        return size;
    }
}
