package io.nvmf.subsystem.engine;

import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse.InvalidParameter;
import io.nvmf.spec.Status;
import org.jspecify.annotations.Nullable;

/** Why a Connect is refused, and for invalid parameters where (IPO, IATTR). */
record ConnectRefusal(Status status, @Nullable InvalidParameter parameter) {

    static ConnectRefusal of(Status status) {
        return new ConnectRefusal(status, null);
    }

    static ConnectRefusal inEntry(int offset) {
        return new ConnectRefusal(TargetStatus.CONNECT_INVALID_PARAMETERS, new InvalidParameter(offset, false));
    }

    static ConnectRefusal inData(int offset) {
        return new ConnectRefusal(TargetStatus.CONNECT_INVALID_PARAMETERS, new InvalidParameter(offset, true));
    }

    /** The field that is wrong, for a log; empty if the status says it all. */
    String where() {
        InvalidParameter wrong = parameter;
        if (wrong == null) {
            return "";
        }
        String field = wrong.inData() ? dataField(wrong.offset()) : entryField(wrong.offset());
        return " (" + field + " at offset " + wrong.offset() + (wrong.inData() ? " of the data)" : " of the entry)");
    }

    private static String dataField(int offset) {
        return switch (offset) {
            case ConnectData.HOSTID -> "HOSTID";
            case ConnectData.CNTLID -> "CNTLID";
            case ConnectData.SUBNQN -> "SUBNQN";
            case ConnectData.HOSTNQN -> "HOSTNQN";
            default -> "field";
        };
    }

    private static String entryField(int offset) {
        return switch (offset) {
            case ConnectCommand.QID -> "QID";
            case ConnectCommand.SQSIZE -> "SQSIZE";
            default -> "field";
        };
    }
}
