package io.nvmf.spec;

/**
 * Status codes that belong together: those of one type (SCT), and of one command set where that decides what they mean.
 */
enum StatusCodeGroup {
    /** Generic command status. */
    GENERIC(0, CommandSet.GENERIC),
    /** Generic command status of admin commands. */
    GENERIC_ADMIN(0, CommandSet.ADMIN),
    /** Generic command status of the key value command set. */
    GENERIC_KV(0, CommandSet.KV),
    /** Command specific status that more than one command set has. */
    ANY_COMMAND(1, CommandSet.GENERIC),
    /** Command specific status of admin commands. */
    ADMIN_COMMAND(1, CommandSet.ADMIN),
    /** Command specific status of the NVM command set. */
    NVM_COMMAND(1, CommandSet.NVM),
    /** Command specific status of the zoned namespace command set. */
    ZNS_COMMAND(1, CommandSet.ZNS),
    /** Command specific status of Fabrics commands. */
    FABRICS_COMMAND(1, CommandSet.FABRICS),
    /** Media and data integrity errors. */
    MEDIA(2, CommandSet.GENERIC),
    /** Path related status. */
    PATH(3, CommandSet.GENERIC);

    private final int type;
    private final CommandSet set;

    StatusCodeGroup(int type, CommandSet set) {
        this.type = type;
        this.set = set;
    }

    /** The status code type (SCT), 0..3. */
    int type() {
        return type;
    }

    /** The command set in which the codes have their meaning. */
    CommandSet set() {
        return set;
    }
}
