package io.nvmf.tcp.testing.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts what a socket gives into PDUs and puts them into a pipe; bytes that cannot be PDUs go through as they are. */
final class PduSplitter extends ByteToMessageDecoder {

    private static final int COMMON_HEADER = 8;
    private static final int MOST = 64 << 20;

    private final Pipe pipe;
    private boolean raw;

    PduSplitter(Pipe pipe) {
        this.pipe = pipe;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (!raw && in.readableBytes() >= COMMON_HEADER) {
            long length = in.getUnsignedIntLE(in.readerIndex() + 4);
            if (length < COMMON_HEADER || length > MOST) {
                raw = true;
            } else if (in.readableBytes() >= length) {
                out.add(in.readBytes((int) length));
                return;
            }
        }
        if (raw) {
            out.add(in.readBytes(in.readableBytes()));
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.isReadable()) { // a PDU that breaks off
            out.add(in.readBytes(in.readableBytes()));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        super.userEventTriggered(context, event);
        if (event instanceof ChannelInputShutdownEvent) {
            pipe.end();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        pipe.connection().cut();
    }
}
