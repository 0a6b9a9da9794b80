package io.nvmf.host.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.nvmf.command.BlockRange;
import io.nvmf.command.Command;
import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.SubmissionQueueEntry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names commands, and the blocks that they are about, in messages as the specification does. */
public final class CommandNames {

    private CommandNames() {}

    /**
     * The name of a command.
     *
     * @param command any
     * @param admin whether it goes to the admin queue
     * @return in the words of the specification; the opcode in hexadecimal if there are none here
     */
    public static String name(Command command, boolean admin) {
        int opcode = command.opcode();
        if (opcode == FabricsCommandType.FABRICS_OPCODE) {
            return fabrics(command.nsid() & 0xFF);
        }
        String name = admin ? admin(opcode) : io(opcode);
        return name == null ? hex(opcode) : name;
    }

    static String describe(Command command, boolean admin) {
        int opcode = command.opcode();
        if (opcode == FabricsCommandType.FABRICS_OPCODE) {
            return fabrics(command.nsid() & 0xFF);
        }
        String name = admin ? admin(opcode) : io(opcode);
        StringBuilder text = new StringBuilder();
        if (name == null) {
            text.append(admin ? "admin command " : "I/O command ").append(hex(opcode));
        } else {
            text.append(name);
        }
        if (command.nsid() != 0) {
            text.append(" to namespace ")
                    .append(command.nsid() == -1 ? "FFFFFFFFh" : Integer.toUnsignedString(command.nsid()));
        }
        if (command.dataLength() != 0) {
            text.append(" of ").append(command.dataLength()).append(" bytes");
        }
        blocks(command, admin).ifPresent(range -> text.append(", ").append(range));
        return text.toString();
    }

    /**
     * The blocks that a command of the NVM command set names in SLBA and NLB.
     *
     * @param command any
     * @param admin whether it goes to the admin queue
     * @return empty for all other commands
     */
    public static Optional<BlockRange> blocks(Command command, boolean admin) {
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

    private static String fabrics(int type) {
        return switch (type) {
            case FabricsCommandType.PROPERTY_SET -> "Property Set";
            case FabricsCommandType.CONNECT -> "Connect";
            case FabricsCommandType.PROPERTY_GET -> "Property Get";
            case FabricsCommandType.AUTHENTICATION_SEND -> "Authentication Send";
            case FabricsCommandType.AUTHENTICATION_RECEIVE -> "Authentication Receive";
            case FabricsCommandType.DISCONNECT -> "Disconnect";
            default -> "Fabrics command " + hex(type);
        };
    }

    private static @Nullable String admin(int opcode) {
        return switch (opcode) {
            case AdminOpcode.GET_LOG_PAGE -> "Get Log Page";
            case AdminOpcode.IDENTIFY -> "Identify";
            case AdminOpcode.ABORT -> "Abort";
            case AdminOpcode.SET_FEATURES -> "Set Features";
            case AdminOpcode.GET_FEATURES -> "Get Features";
            case AdminOpcode.ASYNC_EVENT_REQUEST -> "Asynchronous Event Request";
            case AdminOpcode.KEEP_ALIVE -> "Keep Alive";
            default -> null;
        };
    }

    private static @Nullable String io(int opcode) {
        return switch (opcode) {
            case NvmOpcode.FLUSH -> "Flush";
            case NvmOpcode.WRITE -> "Write";
            case NvmOpcode.READ -> "Read";
            case NvmOpcode.COMPARE -> "Compare";
            case NvmOpcode.WRITE_ZEROES -> "Write Zeroes";
            case NvmOpcode.DATASET_MANAGEMENT -> "Dataset Management";
            case NvmOpcode.VERIFY -> "Verify";
            case NvmOpcode.COPY -> "Copy";
            default -> null;
        };
    }

    private static String hex(int value) {
        return String.format("%02Xh", value);
    }
}
