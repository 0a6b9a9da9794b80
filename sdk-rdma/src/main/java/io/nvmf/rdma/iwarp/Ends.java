package io.nvmf.rdma.iwarp;

import io.nvmf.rdma.spi.RdmaEnd;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;

/** How a connection ended, from what was seen of it. */
final class Ends {

    private Ends() {}

    /** The peer has closed the connection. */
    static RdmaEnd closed(boolean betweenMessages) {
        return betweenMessages
                ? new RdmaEnd.Closed(RdmaEnd.Side.REMOTE)
                : new RdmaEnd.PeerReset("the peer closed the connection within a message");
    }

    /** Reading or writing failed. */
    static RdmaEnd failed(Throwable cause) {
        return isPeerReset(cause) ? new RdmaEnd.PeerReset(cause.toString()) : new RdmaEnd.IoFailure(cause);
    }

    /** The operating system's own words are all there is to tell a reset by. */
    private static boolean isPeerReset(Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            return true;
        }
        if (!(cause instanceof IOException) || cause.getMessage() == null) {
            return false;
        }
        String message = cause.getMessage().toLowerCase(Locale.ROOT);
        return message.contains("reset") || message.contains("broken pipe");
    }
}
