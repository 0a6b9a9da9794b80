package io.nvmf.rdma;

import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.transport.Termination;
import java.util.Locale;

/** What the ends of a connection are called. */
final class Terminations {

    private Terminations() {}

    /** How a queue pair ended whose connection ended. */
    static Termination of(RdmaEnd end) {
        if (end instanceof RdmaEnd.Closed closed) {
            return new Termination.Closed(side(closed.side()));
        }
        if (end instanceof RdmaEnd.PeerReset reset) {
            return new Termination.PeerReset(reset.detail());
        }
        if (end instanceof RdmaEnd.ProtocolError error) {
            String code = error.code() == RdmaEnd.ProtocolError.NO_CODE
                    ? ""
                    : String.format(Locale.ROOT, " (code %06Xh)", error.code());
            return Termination.ProtocolError.aboveTransport(side(error.detectedBy()), error.detail() + code);
        }
        if (end instanceof RdmaEnd.IoFailure failure) {
            return new Termination.IoFailure(failure.cause());
        }
        return Termination.Closed.EVENT_LOOP_GONE;
    }

    private static Termination.Side side(RdmaEnd.Side side) {
        return side == RdmaEnd.Side.LOCAL ? Termination.Side.LOCAL : Termination.Side.REMOTE;
    }
}
