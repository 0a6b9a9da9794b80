package io.nvmf.namespace;

/**
 * How a single write is to be done. Immutable.
 *
 * @param forceUnitAccess whether the data has to be on non-volatile media before the write completes (FUA, NVM Command
 *     Set Specification, "Write command")
 */
public record WriteOptions(boolean forceUnitAccess) {

    private static final WriteOptions DEFAULTS = new WriteOptions(false);

    /**
     * A write that may stay in a volatile write cache.
     *
     * @return no force unit access
     */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /**
     * A write that is durable when it completes.
     *
     * @return force unit access
     */
    public static WriteOptions fua() {
        return new WriteOptions(true);
    }
}
