package io.nvmf.tcp;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/** Stands for a socket that takes everything at the flush. */
final class EndlessSocket extends ChannelOutboundHandlerAdapter {

    private final ArrayDeque<Object> written = new ArrayDeque<>();
    private final ArrayDeque<ChannelPromise> promises = new ArrayDeque<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        written.add(message);
        if (!promise.isVoid()) {
            promises.add(promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        Object message;
        while ((message = written.poll()) != null) {
            ReferenceCountUtil.release(message);
        }
        ChannelPromise promise;
        while ((promise = promises.poll()) != null) {
            promise.setSuccess();
        }
    }
}
