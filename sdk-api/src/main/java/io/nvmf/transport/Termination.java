package io.nvmf.transport;

import java.nio.ByteBuffer;

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
     */
    record Closed(Side side) implements Termination {}

    /**
     * The peer went away within a message or reset the connection.
     *
     * @param detail what was seen
     */
    record PeerReset(String detail) implements Termination {}

    /**
     * A side broke the protocol; the other said so in a termination request (NVMe/TCP section 3.6.2.5 and following) or, for
     * a message too broken to answer, closed the connection.
     *
     * @param detectedBy LOCAL when the peer broke the protocol, REMOTE when the peer says that this side did
     * @param fatalErrorStatus FES as on the wire
     * @param fatalErrorInformation FEI as on the wire, unsigned 32 bits
     * @param detail what is wrong, with the offending value
     * @param header the first bytes of the offending message, at most 128
     */
    record ProtocolError(
            Side detectedBy, int fatalErrorStatus, long fatalErrorInformation, String detail, ByteBuffer header)
            implements Termination {

        /**
         * Makes the header read only.
         *
         * @param detectedBy see the record
         * @param fatalErrorStatus see the record
         * @param fatalErrorInformation see the record
         * @param detail see the record
         * @param header see the record
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
