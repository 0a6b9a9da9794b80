package io.nvmf.tcp.capture;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands directly in front of a connection, behind what encrypts if anything does, and sees what it sends and receives.
 * It changes nothing of that: messages go on as they came, and nothing that goes wrong here reaches them. Event loop
 * only.
 */
public final class CaptureHandler extends ChannelDuplexHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureHandler.class);
    private static final InetAddress NONE = new InetSocketAddress(0).getAddress();

    private final CaptureSettings settings;
    private final boolean caller;

    private @Nullable CaptureFile file;

    /** Null before the beginning, after the end, and if capturing has failed. */
    private @Nullable Conversation conversation;

    /** This side has closed the connection. */
    private boolean closed;

    private boolean reset;

    /**
     * Creates the handler for one connection.
     *
     * @param settings what is captured, and to which file
     * @param caller whether this side has opened the connection: it is the host
     */
    public CaptureHandler(CaptureSettings settings, boolean caller) {
        this.settings = settings;
        this.caller = caller;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        guarded(() -> begin(context.channel()));
    }

    private void begin(Channel channel) {
        CaptureFile shared = CaptureFiles.join(settings);
        file = shared;
        conversation = new Conversation(
                address(channel.localAddress()),
                address(channel.remoteAddress()),
                caller,
                settings.dataBytes(),
                shared::now,
                shared::add);
    }

    /** An address that is not known, as of a channel that is no socket, is written as zeros. */
    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket
                : new InetSocketAddress(NONE, 0);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Conversation present = conversation;
        if (present != null && message instanceof ByteBuf bytes) {
            guarded(() -> present.received(bytes));
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        Conversation present = conversation;
        if (present != null
                && message instanceof ByteBuf bytes
                && context.channel().isActive()) {
            guarded(() -> present.sent(bytes));
        }
        context.write(message, promise);
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        closed = true;
        context.close(promise);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            reset = true;
        }
        context.fireExceptionCaught(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }

    /** There is no event loop any more that could tell of the end; whoever calls has everything here for itself. */
    public void loopEnded() {
        closed = true;
        end();
    }

    private void end() {
        Conversation present = conversation;
        conversation = null;
        if (present != null) {
            guarded(() -> present.end(reset || !closed, reset));
        }
        CaptureFile shared = file;
        file = null;
        if (shared != null) {
            shared.leave();
        }
    }

    /** Whatever fails is the end of capturing, and of nothing else. */
    private void guarded(Runnable capturing) {
        try {
            capturing.run();
        } catch (RuntimeException | Error failure) {
            LOG.warn("the rest of a connection is not captured to {}", settings.file(), failure);
            conversation = null;
        }
    }
}
