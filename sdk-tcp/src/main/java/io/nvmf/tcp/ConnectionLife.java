package io.nvmf.tcp;

import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.transport.Termination;
import org.jspecify.annotations.Nullable;

/** The life of a connection as its parts see it. Event loop only. */
interface ConnectionLife {

    /** How the connection ended, or null while it lives. */
    @Nullable
    Termination ended();

    /** Whether ICReq and ICResp have been exchanged. */
    boolean isInitialized();

    /** Ends the connection, unless it has ended. */
    void end(Termination how);

    /** Ends the connection because of what the peer did, and tells it why. */
    void violated(ProtocolViolation violation);

    /** Everything that could be sent has been. */
    void turnOver();
}
