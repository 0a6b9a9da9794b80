package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import io.nvmf.spec.StatusCode;
import io.nvmf.transport.TransferException;

/** The statuses this controller answers with. DNR is set where the same command would be refused again. */
final class TargetStatus {

    static final Status INVALID_OPCODE = Status.of(StatusCode.INVALID_COMMAND_OPCODE, true);
    static final Status INVALID_FIELD = Status.of(StatusCode.INVALID_FIELD, true);
    static final Status COMMAND_ID_CONFLICT = Status.of(StatusCode.COMMAND_ID_CONFLICT);
    static final Status INTERNAL_ERROR = Status.of(StatusCode.INTERNAL_ERROR);
    static final Status ABORT_REQUESTED = Status.of(StatusCode.ABORT_REQUESTED);
    static final Status ABORT_LIMIT_EXCEEDED = Status.of(StatusCode.ABORT_COMMAND_LIMIT_EXCEEDED);
    static final Status INVALID_NAMESPACE = Status.of(StatusCode.INVALID_NAMESPACE_OR_FORMAT, true);
    static final Status COMMAND_SEQUENCE_ERROR = Status.of(StatusCode.COMMAND_SEQUENCE_ERROR);
    static final Status DATA_LENGTH_INVALID = Status.of(StatusCode.DATA_SGL_LENGTH_INVALID, true);
    static final Status SIZE_LIMIT_EXCEEDED = Status.of(StatusCode.COMMAND_SIZE_LIMIT_EXCEEDED, true);
    static final Status LBA_OUT_OF_RANGE = Status.of(StatusCode.LBA_OUT_OF_RANGE, true);
    static final Status WRITE_FAULT = Status.of(StatusCode.WRITE_FAULT);
    static final Status UNRECOVERED_READ_ERROR = Status.of(StatusCode.UNRECOVERED_READ_ERROR);
    static final Status INVALID_IO_COMMAND_SET = Status.of(StatusCode.INVALID_IO_COMMAND_SET, true);
    static final Status COMMAND_SET_COMBINATION_REJECTED =
            Status.of(StatusCode.IO_COMMAND_SET_COMBINATION_REJECTED, true);
    static final Status INVALID_CONTROLLER = Status.of(StatusCode.INVALID_CONTROLLER_ID, true);
    static final Status INVALID_LOG_PAGE = Status.of(StatusCode.INVALID_LOG_PAGE, true);
    static final Status FEATURE_NOT_SAVEABLE = Status.of(StatusCode.FEATURE_NOT_SAVEABLE, true);
    static final Status FEATURE_NOT_NAMESPACE_SPECIFIC = Status.of(StatusCode.FEATURE_NOT_NAMESPACE_SPECIFIC, true);
    static final Status TOO_MANY_EVENT_REQUESTS = Status.of(StatusCode.ASYNC_EVENT_REQUEST_LIMIT_EXCEEDED, true);
    static final Status CONNECT_INCOMPATIBLE_FORMAT = Status.of(StatusCode.CONNECT_INCOMPATIBLE_FORMAT, true);
    static final Status CONNECT_INVALID_PARAMETERS = Status.of(StatusCode.CONNECT_INVALID_PARAMETERS, true);
    static final Status CONNECT_INVALID_HOST = Status.of(StatusCode.CONNECT_INVALID_HOST, true);
    static final Status CONTROLLER_BUSY = Status.of(StatusCode.CONNECT_CONTROLLER_BUSY);
    static final Status AUTHENTICATION_REQUIRED = Status.of(StatusCode.AUTHENTICATION_REQUIRED, true);
    static final Status INVALID_QUEUE_TYPE = Status.of(StatusCode.INVALID_QUEUE_TYPE, true);

    private static final Status TRANSIENT_TRANSPORT_ERROR = Status.of(StatusCode.TRANSIENT_TRANSPORT_ERROR);
    private static final Status DATA_TRANSFER_ERROR = Status.of(StatusCode.DATA_TRANSFER_ERROR);

    private TargetStatus() {}

    /** What a failed transfer of host data means for its command. */
    static Status ofTransfer(Throwable failure) {
        if (failure instanceof Error) {
            // Memory that cannot be had, say: nothing is wrong with the data.
            return INTERNAL_ERROR;
        }
        return failure instanceof TransferException transfer && transfer.kind() == TransferException.Kind.INTEGRITY
                ? TRANSIENT_TRANSPORT_ERROR
                : DATA_TRANSFER_ERROR;
    }
}
