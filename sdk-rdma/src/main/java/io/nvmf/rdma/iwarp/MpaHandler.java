package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.transport.TransportOptions;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The start of a connection (RFC 5044 section 7, RFC 6581): waits for the one frame that the peer sends, and makes way
 * for an {@link IwarpConnection}. A byte more than the frame is an error, as nothing may follow it before its turn. Event
 * loop only.
 */
abstract class MpaHandler extends ChannelInboundHandlerAdapter {

    final Channel channel;
    final TransportOptions options;

    private final boolean replyDue;
    private final ByteBuf gathered =
            Unpooled.wrappedBuffer(new byte[MpaFrame.MOST]).clear();

    private boolean whole;
    private boolean over;

    MpaHandler(Channel channel, TransportOptions options, boolean replyDue) {
        this.channel = channel;
        this.options = options;
        this.replyDue = replyDue;
        ReceiveBuffers.install(channel);
    }

    /** The frame is there. */
    abstract void arrived(MpaFrame frame) throws IwarpViolation;

    /** There will be no connection; once, unless one was made. */
    abstract void failed(Throwable cause);

    /** Whether this has neither made a connection nor failed. */
    boolean isOpen() {
        return !over;
    }

    /** It fails, and the channel is closed. */
    void fail(Throwable cause) {
        failOpen(cause);
        channel.close();
    }

    /** It fails, and the channel stays open for a last word. */
    void failOpen(Throwable cause) {
        if (!over) {
            over = true;
            failed(cause);
        }
    }

    void write(MpaFrame frame, ChannelPromise promise) {
        ByteBuf bytes = channel.alloc().directBuffer(frame.length());
        frame.encode(bytes);
        channel.writeAndFlush(bytes, promise);
    }

    /** Takes the place of this handler. */
    IwarpConnection connected(
            boolean initiator, MpaFrame peer, RdmaLimits limits, boolean checked, ConnectionTerms.Ready ready) {
        over = true;
        IwarpConnection connection = new IwarpConnection(
                channel,
                new ConnectionTerms(
                        initiator,
                        limits,
                        checked,
                        SegmentSize.ulpdu(channel, options),
                        ready,
                        options.require(IwarpOptions.START_PAUSE),
                        options.require(IwarpOptions.START_NUDGE),
                        options.require(IwarpOptions.CLOSE_TIMEOUT),
                        peer.privateData()));
        channel.pipeline().replace(this, "iwarp", connection);
        connection.watchLoop();
        return connection;
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Reads that a peer serves that does not say how many. */
    int unnegotiated() {
        return options.require(IwarpOptions.UNNEGOTIATED_READS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!over && message instanceof ByteBuf bytes) {
                take(bytes);
            }
        } catch (IwarpViolation violation) {
            violated(context, violation);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** The peer has sent what cannot be agreed to. */
    void violated(ChannelHandlerContext context, IwarpViolation violation) {
        fail(new IOException("the peer does not start a connection as MPA has it: " + violation.getMessage()));
    }

    private void take(ByteBuf bytes) throws IwarpViolation {
        gathered.writeBytes(bytes, Math.min(bytes.readableBytes(), gathered.writableBytes()));
        if (whole || bytes.isReadable()) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "bytes behind the frame");
        }
        MpaFrame frame = MpaFrame.parse(gathered, replyDue);
        if (frame == null) {
            return;
        }
        whole = true;
        if (gathered.readableBytes() > frame.length()) {
            throw new IwarpViolation(TerminateError.MPA_FRAME, "bytes behind the frame");
        }
        arrived(frame);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!over) { // also behind the frame, to hear of what comes before its turn, and of a peer that goes
            channel.read();
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new IOException("the peer closed the connection before it was established"));
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (!over) {
            fail(new IOException("the connection was given up before it was established"));
        }
    }
}
