package io.nvmf.spec;

import java.util.Optional;

/** Transport types (TRTYPE) of a discovery log page entry (NVMe Base Specification, "Discovery Log Page Entry"). */
public enum TransportType {
    /** RDMA. */
    RDMA(1, "rdma"),
    /** Fibre Channel. */
    FIBRE_CHANNEL(2, "fc"),
    /** TCP. */
    TCP(3, "tcp"),
    /** Intra-host transport, never on a network. */
    LOOP(254, "loop");

    private final int value;
    private final String scheme;

    TransportType(int value, String name) {
        this.value = value;
        this.scheme = "nvme+" + name;
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

    /** {@return the scheme of a URI that names a subsystem at such a transport, for example {@code nvme+tcp}} */
    public String scheme() {
        return scheme;
    }
}
