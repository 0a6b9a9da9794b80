package io.nvmf.samples.webflux.server;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Holds plaintext back while enough ciphertext waits for the client. TLS encrypts whatever is flushed and lets go of it, so
 * what is counted until it is released, such as the buffers of a download, would not count what waits for a slow client.
 *
 * <p>What is held here is not among the bytes that make a channel unwritable: then it would wait for itself.
 */
final class PlaintextGate extends ChannelDuplexHandler {

    private final Queue<Held> held = new ArrayDeque<>();
    private boolean opening;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (held.isEmpty() && context.channel().isWritable()) {
            context.write(message, promise);
        } else {
            held.add(new Held(message, promise));
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        context.flush(); // what went through before the channel became unwritable, or it never is writable again
        open(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        open(context);
        context.fireChannelWritabilityChanged();
    }

    /** A flush may make the channel writable within this, and call it again. */
    private void open(ChannelHandlerContext context) {
        if (opening) {
            return;
        }
        opening = true;
        try {
            while (!held.isEmpty() && context.channel().isWritable()) {
                do {
                    Held next = held.remove();
                    context.write(next.message, next.promise);
                } while (!held.isEmpty() && context.channel().isWritable());
                context.flush();
            }
        } finally {
            opening = false;
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        drop();
        context.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        drop();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        drop();
    }

    private void drop() {
        for (Held next = held.poll(); next != null; next = held.poll()) {
            ReferenceCountUtil.release(next.message);
            next.promise.tryFailure(new ClosedChannelException());
        }
    }

    /**
     * A write that waits.
     *
     * @param message plaintext
     * @param promise of whoever writes it
     */
    private record Held(Object message, ChannelPromise promise) {}
}
