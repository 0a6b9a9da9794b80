package io.nvmf;

import io.nvmf.spec.AdminOpcode;
import io.nvmf.spec.FabricsCommandType;
import io.nvmf.spec.NvmOpcode;
import io.nvmf.transport.Command;

/** Names commands in messages as the specification does. */
final class CommandNames {

    private CommandNames() {}

    static String describe(Command command, boolean admin) {
        int opcode = command.opcode();
        if (opcode == FabricsCommandType.FABRICS_OPCODE) {
            return fabrics(command.nsid() & 0xFF);
        }
        StringBuilder text = new StringBuilder(admin ? admin(opcode) : io(opcode));
        if (command.nsid() != 0) {
            text.append(" to namespace ")
                    .append(command.nsid() == -1 ? "FFFFFFFFh" : Integer.toUnsignedString(command.nsid()));
        }
        if (command.dataLength() != 0) {
            text.append(" of ").append(command.dataLength()).append(" bytes");
        }
        BlockRange.of(command, admin).ifPresent(range -> text.append(", ").append(range));
        return text.toString();
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

    private static String admin(int opcode) {
        return switch (opcode) {
            case AdminOpcode.GET_LOG_PAGE -> "Get Log Page";
            case AdminOpcode.IDENTIFY -> "Identify";
            case AdminOpcode.ABORT -> "Abort";
            case AdminOpcode.SET_FEATURES -> "Set Features";
            case AdminOpcode.GET_FEATURES -> "Get Features";
            case AdminOpcode.ASYNC_EVENT_REQUEST -> "Asynchronous Event Request";
            case AdminOpcode.KEEP_ALIVE -> "Keep Alive";
            default -> "admin command " + hex(opcode);
        };
    }

    private static String io(int opcode) {
        return switch (opcode) {
            case NvmOpcode.FLUSH -> "Flush";
            case NvmOpcode.WRITE -> "Write";
            case NvmOpcode.READ -> "Read";
            case NvmOpcode.COMPARE -> "Compare";
            case NvmOpcode.WRITE_ZEROES -> "Write Zeroes";
            case NvmOpcode.DATASET_MANAGEMENT -> "Dataset Management";
            case NvmOpcode.VERIFY -> "Verify";
            case NvmOpcode.COPY -> "Copy";
            default -> "I/O command " + hex(opcode);
        };
    }

    private static String hex(int value) {
        return String.format("%02Xh", value);
    }
}
