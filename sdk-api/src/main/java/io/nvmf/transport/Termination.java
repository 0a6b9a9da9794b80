package io.nvmf.transport;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** How a queue pair ended. */
public sealed interface Termination {

    /** Which side did it. */
    enum Side {
        /** This side. */
        LOCAL,
        /** The peer. */
        REMOTE
    }

    /**
     * Closed in order: by this side's close, or by the peer between two messages.
     *
     * @param side who closed
     * @param detail why, where there is more to say than that somebody asked for it
     */
    record Closed(Side side, @Nullable String detail) implements Termination {

        /** The {@link #detail()} of a connection that ended because its event loop was shut down. */
        public static final String EVENT_LOOP_SHUT_DOWN = "its event loop was shut down";

        /** How everything ends whose event loop was shut down under it: by this side. */
        public static final Closed EVENT_LOOP_GONE = new Closed(Side.LOCAL, EVENT_LOOP_SHUT_DOWN);

        /**
         * Closed because somebody asked for it.
         *
         * @param side who closed
         */
        public Closed(Side side) {
            this(side, null);
        }

        @Override
        public String toString() {
            return "Closed[side=" + side + (detail == null ? "]" : ", " + detail + ']');
        }
    }

    /**
     * The peer went away within a message or reset the connection.
     *
     * @param detail what was seen
     */
    record PeerReset(String detail) implements Termination {}

    /**
     * A side broke the protocol; the other said so in a termination request (NVMe/TCP section 3.6.2.5 and following)
     * or, for a message too broken to answer, closed the connection.
     *
     * @param detectedBy LOCAL when the peer broke the protocol, REMOTE when the peer says that this side did
     * @param fatalErrorStatus FES as on the wire, or {@link #NO_STATUS}
     * @param fatalErrorInformation FEI as on the wire, unsigned 32 bits, or {@link #NO_STATUS}
     * @param detail what is wrong, with the offending value
     * @param header the first bytes of the offending message, at most 128
     */
    record ProtocolError(
            Side detectedBy, int fatalErrorStatus, long fatalErrorInformation, String detail, ByteBuffer header)
            implements Termination {

        /** Status and information of a violation above the transport, for which the wire has none. */
        public static final int NO_STATUS = -1;

        /**
         * A violation above the transport.
         *
         * @param detectedBy who saw it
         * @param detail what is wrong, with the offending value
         * @return without status and header
         */
        public static ProtocolError aboveTransport(Side detectedBy, String detail) {
            return new ProtocolError(detectedBy, NO_STATUS, NO_STATUS, detail, ByteBuffer.allocate(0));
        }

        /**
         * Makes the header read only.
         *
         * @param detectedBy LOCAL or REMOTE
         * @param fatalErrorStatus FES, or NO_STATUS
         * @param fatalErrorInformation FEI, or NO_STATUS
         * @param detail what is wrong
         * @param header first bytes of the offending message
         */
        public ProtocolError {
            header = header.asReadOnlyBuffer();
        }

        /**
         * The first bytes of the offending message.
         *
         * @return a read-only view with a position of its own
         */
        @Override
        public ByteBuffer header() {
            return header.duplicate();
        }
    }

    /**
     * The connection failed.
     *
     * @param cause what the operating system said
     */
    record IoFailure(Throwable cause) implements Termination {}
}
