package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.nvmf.tcp.pdu.FatalErrorStatus;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.TermReq;
import io.nvmf.tcp.tls.TlsException;
import io.nvmf.transport.Termination;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** What the ends of a TCP connection are called. */
final class Terminations {

    private Terminations() {}

    /** This side ends the connection because of what the peer did. */
    static Termination violated(ProtocolViolation violation, ByteBuffer offendingHeader) {
        return new Termination.ProtocolError(
                Termination.Side.LOCAL,
                violation.status().code(),
                violation.information(),
                violation.detail(),
                offendingHeader);
    }

    /** The peer ends the connection with a termination request, whose common header has been checked. */
    static Termination requested(ByteBuf termReq, int index) {
        int status = TermReq.status(termReq, index);
        long information = TermReq.information(termReq, index);
        return new Termination.ProtocolError(
                Termination.Side.REMOTE,
                status,
                information,
                "the peer ended the connection: " + FatalErrorStatus.text(status) + ", information " + information,
                TermReq.offendingHeader(termReq, index));
    }

    /** The peer has closed the connection. */
    static Termination closed(boolean betweenPdus) {
        return betweenPdus
                ? new Termination.Closed(Termination.Side.REMOTE)
                : new Termination.PeerReset("the peer closed the connection within a PDU");
    }

    /** Reading or writing failed. */
    static Termination failed(Throwable cause) {
        return isPeerReset(cause) ? new Termination.PeerReset(cause.toString()) : new Termination.IoFailure(cause);
    }

    /**
     * The operating system's own words are all there is to tell a reset by. The end of TLS without a word is one as well:
     * something may be missing, and nothing else has failed.
     */
    private static boolean isPeerReset(Throwable cause) {
        if (cause instanceof TlsException tls && tls.isTruncation()) {
            return true;
        }
        if (!(cause instanceof IOException) || cause.getMessage() == null) {
            return false;
        }
        String message = cause.getMessage().toLowerCase(Locale.ROOT);
        return message.contains("reset") || message.contains("broken pipe");
    }
}
