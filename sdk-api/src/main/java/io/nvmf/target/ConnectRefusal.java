package io.nvmf.target;

import io.nvmf.spec.ConnectResponse.InvalidParameter;
import io.nvmf.spec.Status;
import org.jspecify.annotations.Nullable;

/** Why a Connect is refused, and for invalid parameters where (IPO, IATTR). */
record ConnectRefusal(Status status, @Nullable InvalidParameter parameter) {

    static ConnectRefusal of(Status status) {
        return new ConnectRefusal(status, null);
    }

    static ConnectRefusal inEntry(int offset) {
        return new ConnectRefusal(Statuses.CONNECT_INVALID_PARAMETERS, new InvalidParameter(offset, false));
    }

    static ConnectRefusal inData(int offset) {
        return new ConnectRefusal(Statuses.CONNECT_INVALID_PARAMETERS, new InvalidParameter(offset, true));
    }
}
