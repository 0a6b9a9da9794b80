package io.nvmf.spec;

import java.util.Optional;

/** Address families (ADRFAM) of a discovery log page entry (NVMe Base Specification, "Discovery Log Page Entry"). */
public enum AddressFamily {
    /** PCI. */
    PCI(0),
    /** IPv4. */
    IPV4(1),
    /** IPv6. */
    IPV6(2),
    /** InfiniBand. */
    INFINIBAND(3),
    /** Fibre Channel. */
    FIBRE_CHANNEL(4),
    /** Intra-host transport. */
    LOOP(254);

    private final int value;

    AddressFamily(int value) {
        this.value = value;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<AddressFamily> find(int value) {
        for (AddressFamily constant : values()) {
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
