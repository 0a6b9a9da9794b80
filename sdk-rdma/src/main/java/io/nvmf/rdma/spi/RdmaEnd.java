package io.nvmf.rdma.spi;

/** How a connection ended. */
public sealed interface RdmaEnd {

    /** Which side did it. */
    enum Side {
        /** This side. */
        LOCAL,
        /** The peer. */
        REMOTE
    }

    /**
     * Closed in order.
     *
     * @param side who closed
     */
    record Closed(Side side) implements RdmaEnd {}

    /**
     * The peer went away within a message, or reset the connection.
     *
     * @param detail what was seen
     */
    record PeerReset(String detail) implements RdmaEnd {}

    /**
     * A side broke the protocol.
     *
     * @param detectedBy LOCAL when the peer broke it, REMOTE when the peer says that this side did
     * @param code what was said on the wire in the provider's terms (layer, type and code of a Terminate message in the
     *     low three bytes), or {@link #NO_CODE}
     * @param detail what is wrong, with the offending value
     */
    record ProtocolError(Side detectedBy, int code, String detail) implements RdmaEnd {

        /** Nothing was said on the wire. */
        public static final int NO_CODE = -1;
    }

    /** The event loop was shut down. */
    record EventLoopGone() implements RdmaEnd {}

    /**
     * The connection failed.
     *
     * @param cause what the operating system said
     */
    record IoFailure(Throwable cause) implements RdmaEnd {}
}
