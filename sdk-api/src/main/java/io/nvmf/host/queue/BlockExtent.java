package io.nvmf.host.queue;

import io.nvmf.command.BlockRange;
import io.nvmf.command.Command;
import io.nvmf.spec.NvmOpcode;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that a command changes.
 *
 * @param nsid namespace identifier, {@link #ALL_NAMESPACES} for all
 * @param lba the first block
 * @param end the block behind the last, unsigned; -1 for the end of the namespace
 */
public record BlockExtent(int nsid, long lba, long end) {

    /** The broadcast value of NSID. */
    public static final int ALL_NAMESPACES = -1;

    private static final long WHOLE = -1;

    /**
     * What a command of an I/O queue may change.
     *
     * @param command of the NVM command set
     * @return its blocks, the whole namespace if the blocks are not in its fields; null for one that changes nothing
     */
    public static @Nullable BlockExtent changedBy(Command command) {
        return switch (command.opcode()) {
            case NvmOpcode.READ, NvmOpcode.COMPARE, NvmOpcode.VERIFY, NvmOpcode.FLUSH -> null;
            default ->
                CommandNames.blocks(command, false)
                        .map(range -> of(command.nsid(), range))
                        .orElseGet(() -> new BlockExtent(command.nsid(), 0, WHOLE));
        };
    }

    private static BlockExtent of(int nsid, BlockRange range) {
        return new BlockExtent(nsid, range.lba(), range.lba() + range.blocks());
    }

    /**
     * Whether there is a block in both.
     *
     * @param other blocks
     * @return false for different namespaces
     */
    public boolean overlaps(BlockExtent other) {
        boolean sameNamespace = nsid == other.nsid || nsid == ALL_NAMESPACES || other.nsid == ALL_NAMESPACES;
        return sameNamespace && Long.compareUnsigned(lba, other.end) < 0 && Long.compareUnsigned(other.lba, end) < 0;
    }
}
