package io.nvmf.rdma.spi;

import io.netty.buffer.ByteBuf;

/** Gets what a connection has to say. All methods are called on the event loop, one at a time, and must not throw. */
public interface RdmaReceiver {

    /**
     * A message of the peer.
     *
     * @param message its bytes, from reader to writer index; the receiver's, who gives its place back by releasing it,
     *     on any thread
     * @param invalidated key of the window of this side that the message has invalidated, or
     *     {@link RdmaConnection#NO_KEY}
     */
    void received(ByteBuf message, int invalidated);

    /** {@link RdmaConnection#isWritable()} has changed. */
    void writableChanged();

    /**
     * The connection has ended. Called exactly once, the last call.
     *
     * @param how why
     */
    void ended(RdmaEnd how);
}
