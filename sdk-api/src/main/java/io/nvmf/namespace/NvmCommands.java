package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.Completion;
import io.nvmf.host.queue.Failures;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a namespace and what their completions mean: the one place that knows them, for single commands and
 * streams.
 */
record NvmCommands(NamespaceGeometry geometry, Failures failures) {

    Command read(long lba, int blocks) {
        return start(NvmOpcode.READ, lba, blocks, 0).receive(blocks << geometry.blockShift());
    }

    Command readInto(long lba, int blocks, ByteBuf destination) {
        return start(NvmOpcode.READ, lba, blocks, 0).receiveInto(destination, blocks << geometry.blockShift());
    }

    Command write(long lba, int blocks, boolean forceUnitAccess, ByteBuf data) {
        return start(NvmOpcode.WRITE, lba, blocks, forceUnitAccess ? ReadWriteCommand.FUA : 0)
                .send(data);
    }

    Command flush() {
        return Command.nvm(NvmOpcode.FLUSH, geometry.nsid()).build();
    }

    private Command.Builder start(int opcode, long lba, int blocks, int flags) {
        return Command.nvm(opcode, geometry.nsid()).range(lba, blocks, flags);
    }

    /**
     * Why a completion is no success, or null. A success that moved fewer bytes than asked is none: nobody can tell
     * which bytes of the buffer mean something.
     */
    @Nullable
    RuntimeException failure(Completion completion) {
        Command command = completion.command();
        if (!completion.isSuccess()) {
            return failures.status(
                            command, completion.status(), completion.response().fromController())
                    .inBytes(geometry.blockSize());
        }
        if (completion.bytesTransferred() != command.dataLength()) {
            return failures.protocol(command + " was answered with success after " + completion.bytesTransferred()
                    + " of " + command.dataLength() + " bytes");
        }
        return null;
    }
}
