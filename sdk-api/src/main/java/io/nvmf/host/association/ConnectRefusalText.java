package io.nvmf.host.association;

import io.nvmf.command.Completion;
import io.nvmf.spec.ConnectCommand;
import io.nvmf.spec.ConnectData;
import io.nvmf.spec.ConnectResponse;
import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;

/** Says in a sentence why a controller refused Connect, and what to do about it. */
final class ConnectRefusalText {

    private ConnectRefusalText() {}

    static String explain(String target, ConnectCommand command, ConnectData data, Completion refusal) {
        String start = "connect queue " + command.queueId() + " to " + target + ": ";
        Status status = refusal.status();
        if (status.is(StatusCode.CONNECT_INVALID_PARAMETERS)) {
            return start
                    + parameter(
                            ConnectResponse.InvalidParameter.decode(
                                    refusal.response().dw0()),
                            command,
                            data);
        }
        if (status.is(StatusCode.CONNECT_INVALID_HOST)) {
            return start + "host " + data.hostNqn() + " is not allowed; add it to the subsystem's allowed hosts";
        }
        if (status.is(StatusCode.CONNECT_CONTROLLER_BUSY)) {
            return start + "the subsystem has no free controller or queue; try again later";
        }
        if (status.is(StatusCode.AUTHENTICATION_REQUIRED)) {
            return start + "the subsystem asks for in-band authentication, which this host cannot do";
        }
        return start + "refused";
    }

    private static String parameter(
            ConnectResponse.InvalidParameter invalid, ConnectCommand command, ConnectData data) {
        if (!invalid.inData()) {
            return switch (invalid.offset()) {
                case ConnectCommand.RECFMT -> "record format " + command.recordFormat() + " is not supported";
                case ConnectCommand.QID -> "queue identifier " + command.queueId() + " is not acceptable";
                case ConnectCommand.SQSIZE ->
                    "queue size " + command.entries() + " is not acceptable; ask for a smaller one";
                case ConnectCommand.CATTR ->
                    "Connect attributes " + Integer.toHexString(command.attributes())
                            + "h are not supported; leave SQ flow control on";
                case ConnectCommand.KATO ->
                    "keep alive timeout " + command.keepAliveTimeout() + " ms is not acceptable";
                default -> "the field at offset " + invalid.offset() + " of the Connect command is not acceptable";
            };
        }
        return switch (invalid.offset()) {
            case ConnectData.HOSTID -> "host identifier " + data.hostId() + " is not acceptable";
            case ConnectData.CNTLID -> "controller identifier " + data.controllerId() + " is not acceptable";
            case ConnectData.SUBNQN ->
                "subsystem " + data.subsystemNqn() + " is not known at this address; discovery lists those that are";
            case ConnectData.HOSTNQN -> "host NQN " + data.hostNqn() + " is not acceptable";
            default -> "the field at offset " + invalid.offset() + " of the Connect data is not acceptable";
        };
    }
}
