package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.host.queue.Failures;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a namespace and what their completions mean: the one place that knows them, for single commands and
 * streams.
 */
record NvmCommands(NamespaceGeometry geometry, Failures failures) {

    Command read(long lba, int blocks) {
        return Command.read(geometry.nsid(), lba, blocks, blocks << geometry.blockShift());
    }

    Command readInto(long lba, int blocks, ByteBuf destination) {
        return Command.readInto(geometry.nsid(), lba, blocks, destination, blocks << geometry.blockShift());
    }

    Command write(long lba, int blocks, boolean forceUnitAccess, ByteBuf data) {
        return Command.write(geometry.nsid(), lba, blocks, forceUnitAccess ? ReadWriteCommand.FUA : 0, data);
    }

    Command flush() {
        return Command.nvm(NvmOpcode.FLUSH, geometry.nsid()).build();
    }

    /**
     * Why an answer is no success, or null. A success that moved fewer bytes than asked is none: nobody can tell
     * which bytes of the buffer mean something.
     */
    @Nullable
    RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
        if (!response.isSuccess()) {
            return failures.status(command, response.status(), response.fromController())
                    .inBytes(geometry.blockSize());
        }
        if (bytes != command.dataLength()) {
            return failures.protocol(
                    command + " was answered with success after " + bytes + " of " + command.dataLength() + " bytes");
        }
        return null;
    }
}
