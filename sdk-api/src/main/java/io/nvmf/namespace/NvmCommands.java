package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.Command;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.host.queue.CallDeadline;
import io.nvmf.host.queue.Discarded;
import io.nvmf.host.queue.Failures;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.ResponseCapsule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a namespace and what their completions mean: the one place that knows them, for single commands and
 * streams. A command is made when it has a slot, and is held against what is known of the namespace at that moment: one
 * that was gone, replaced or made smaller meanwhile gets no command. Single commands have a deadline of their own, if there is
 * one.
 */
final class NvmCommands {

    private final NamespaceState state;
    private final Failures failures;
    private final @Nullable CallDeadline deadline;

    NvmCommands(NamespaceState state, Failures failures, @Nullable CallDeadline deadline) {
        this.state = state;
        this.failures = failures;
        this.deadline = deadline;
    }

    /** Commands whose time is their queue's to keep. */
    NvmCommands(NamespaceState state, Failures failures) {
        this(state, failures, null);
    }

    NvmCommands with(@Nullable CallDeadline other) {
        return new NvmCommands(state, failures, other);
    }

    @Nullable
    CallDeadline deadline() {
        return deadline;
    }

    /** For a namespace that does not change. */
    NvmCommands(NamespaceGeometry geometry, Failures failures) {
        this(new NamespaceState(geometry), failures);
    }

    /** The numbers as they are now; whoever needs several of them asks once. */
    NamespaceGeometry geometry() {
        return state.geometry();
    }

    Failures failures() {
        return failures;
    }

    Command read(long lba, int blocks) {
        NamespaceGeometry geometry = usable(NvmOpcode.READ, lba, blocks);
        return Command.read(geometry.nsid(), lba, blocks, blocks << geometry.blockShift());
    }

    Command readInto(long lba, int blocks, ByteBuf destination) {
        NamespaceGeometry geometry = usable(NvmOpcode.READ, lba, blocks);
        return Command.readInto(geometry.nsid(), lba, blocks, destination, blocks << geometry.blockShift());
    }

    /** Takes the data over, also when it throws. */
    Command write(long lba, int blocks, boolean forceUnitAccess, ByteBuf data) {
        NamespaceGeometry geometry;
        try {
            geometry = usable(NvmOpcode.WRITE, lba, blocks);
        } catch (NvmeException refusal) {
            Discarded.release(data);
            throw refusal;
        }
        return Command.write(geometry.nsid(), lba, blocks, forceUnitAccess ? ReadWriteCommand.FUA : 0, data);
    }

    Command flush() {
        return Command.nvm(NvmOpcode.FLUSH, usable(NvmOpcode.FLUSH, 0, 0).nsid())
                .build();
    }

    private NamespaceGeometry usable(int opcode, long lba, int blocks) {
        NamespaceGeometry geometry = state.geometry();
        if (geometry.unusable() != null) {
            throw unusable(geometry, opcode);
        }
        if (lba > geometry.blocks() - blocks) {
            throw geometry.outside(lba, blocks);
        }
        return geometry;
    }

    private static NvmeException unusable(NamespaceGeometry geometry, int opcode) {
        return new NvmeStatusException(
                "namespace " + Integer.toUnsignedString(geometry.nsid()) + " cannot be used any more: "
                        + geometry.unusable() + "; nothing was sent",
                CommandOutcome.NOT_SENT,
                opcode,
                Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true),
                false,
                Duration.ZERO,
                null,
                null);
    }

    /**
     * Why an answer is no success, or null. A success that moved fewer bytes than asked is none: nobody can tell
     * which bytes of the buffer mean something.
     */
    @Nullable
    RuntimeException failure(Command command, ResponseCapsule response, int bytes) {
        if (!response.isSuccess()) {
            return failures.status(command, response.status(), response.fromController())
                    .inBytes(geometry().blockSize());
        }
        if (bytes != command.dataLength()) {
            return failures.protocol(
                    command + " was answered with success after " + bytes + " of " + command.dataLength() + " bytes");
        }
        return null;
    }
}
