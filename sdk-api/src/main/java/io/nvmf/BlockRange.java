package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.SubmissionQueueEntry;
import io.nvmf.transport.Command;
import java.util.Optional;

/**
 * Logical blocks of a namespace.
 *
 * @param lba the first block, as an unsigned number
 * @param blocks how many, 1..65,536
 */
public record BlockRange(long lba, int blocks) {

    /** The blocks that a command of the NVM command set names in SLBA and NLB; empty for all others. */
    static Optional<BlockRange> of(Command command, boolean admin) {
        boolean named = !admin
                && switch (command.opcode()) {
                    case NvmOpcode.READ, NvmOpcode.WRITE, NvmOpcode.COMPARE, NvmOpcode.WRITE_ZEROES, NvmOpcode.VERIFY ->
                        true;
                    default -> false;
                };
        if (!named) {
            return Optional.empty();
        }
        ByteBuf entry = Unpooled.wrappedBuffer(new byte[SubmissionQueueEntry.LENGTH]);
        command.encode(entry, 0);
        return Optional.of(new BlockRange(ReadWriteCommand.slba(entry, 0), ReadWriteCommand.blocks(entry, 0)));
    }

    @Override
    public String toString() {
        String first = "LBA " + Long.toUnsignedString(lba);
        return blocks == 1 ? first : first + ".." + Long.toUnsignedString(lba + blocks - 1);
    }
}
