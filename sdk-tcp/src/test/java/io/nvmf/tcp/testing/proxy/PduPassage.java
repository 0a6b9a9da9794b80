package io.nvmf.tcp.testing.proxy;

import io.netty.buffer.ByteBuf;
import java.time.Duration;

/** One PDU at the proxy, for a {@link PduFault} to do something to. One thread only. */
public final class PduPassage {

    private final Pipe pipe;
    private final SeenPdu seen;
    private final ByteBuf bytes;

    PduPassage(Pipe pipe, SeenPdu seen, ByteBuf bytes) {
        this.pipe = pipe;
        this.seen = seen;
        this.bytes = bytes;
    }

    /** What is known of it. */
    public SeenPdu seen() {
        return seen;
    }

    /** The proxy it is at. */
    public FaultProxy proxy() {
        return pipe.connection().proxy();
    }

    /** The connection it belongs to. */
    public ProxiedConnection connection() {
        return pipe.connection();
    }

    /** Its bytes in all. */
    public int length() {
        return seen.length();
    }

    /** Its bytes that have not been passed on. */
    public int left() {
        return bytes.readableBytes();
    }

    /** Passes on what is left, and the next PDU has its turn. */
    public void pass() {
        pass(left(), pipe::next);
    }

    /** Passes on some bytes, and goes on when the socket has taken them. */
    public void pass(int count, Runnable then) {
        pipe.write(bytes.readRetainedSlice(Math.min(count, bytes.readableBytes())), then);
    }

    /** Changes a byte. */
    public void flip(int offset) {
        int at = Math.min(offset, bytes.writerIndex() - 1);
        bytes.setByte(at, ~bytes.getByte(at));
    }

    /** Resets both sides of the connection. */
    public void cut() {
        pipe.connection().cut();
    }

    /** Sends a FIN in both directions; nothing follows. */
    public void close() {
        pipe.connection().close();
    }

    /** Sends a FIN in this direction; nothing follows. */
    public void halfClose() {
        pipe.halfClose();
    }

    /** Goes on after a time. */
    public void after(Duration time, Runnable then) {
        pipe.after(time, then);
    }

    /** Goes on when so many PDUs have been passed on in the same direction of other connections, or after a time. */
    public void afterOthers(int count, Duration atMost, Runnable then) {
        proxy().afterOthers(pipe, count, atMost, then);
    }

    void release() {
        bytes.release();
    }
}
