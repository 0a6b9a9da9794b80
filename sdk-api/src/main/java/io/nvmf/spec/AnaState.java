package io.nvmf.spec;

import java.util.Optional;

/** Asymmetric namespace access states (NVMe Base Specification, "Asymmetric Namespace Access"). */
public enum AnaState {
    /** Best access. */
    OPTIMIZED(1),
    /** Access works but another controller is better. */
    NON_OPTIMIZED(2),
    /** No access for now. */
    INACCESSIBLE(3),
    /** No access ever again. */
    PERSISTENT_LOSS(4),
    /** The state is changing. */
    CHANGE(15);

    private final int value;

    AnaState(int value) {
        this.value = value;
    }

    /**
     * Looks a value up.
     *
     * @param value value on the wire
     * @return the constant, empty for values without a name here
     */
    public static Optional<AnaState> find(int value) {
        for (AnaState constant : values()) {
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
