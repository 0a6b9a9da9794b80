package io.nvmf.spec;

import java.util.Optional;

/** Subsystem types (SUBTYPE) of a discovery log page entry (NVMe Base Specification, "Discovery Log Page Entry"). */
public enum SubsystemType {
    /** Referral to another discovery service. */
    REFERRAL(1),
    /** NVM subsystem. */
    NVM(2),
    /** The discovery subsystem that was asked. */
    CURRENT_DISCOVERY(3);

    private final int value;

    SubsystemType(int value) {
        this.value = value;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<SubsystemType> find(int value) {
        for (SubsystemType constant : values()) {
            if (constant.value == value) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    /** {@return the value on the wire} */
    public int value() {
        return value;
    }
}
