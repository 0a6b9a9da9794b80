package io.nvmf.spec;

import java.util.Optional;

/** Transport types (TRTYPE) of a discovery log page entry (NVMe Base Specification, "Discovery Log Page Entry"). */
public enum TransportType {
    /** RDMA. */
    RDMA(1),
    /** Fibre Channel. */
    FIBRE_CHANNEL(2),
    /** TCP. */
    TCP(3),
    /** Intra-host transport, never on a network. */
    LOOP(254);

    private final int value;

    TransportType(int value) {
        this.value = value;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<TransportType> find(int value) {
        for (TransportType constant : values()) {
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
