package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.nvmf.security.TlsPsk;
import io.nvmf.transport.TlsKeyChooser;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One side of a connection with TLS, and what is seen on it. */
final class TlsEnd implements TlsListener, AutoCloseable {

    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /** A channel whose socket can be full. */
    private static final class Socket extends EmbeddedChannel {

        boolean full;
        int reads;

        @Override
        protected void doWrite(ChannelOutboundBuffer in) throws Exception {
            if (!full) {
                super.doWrite(in);
            }
        }
    }

    private final Socket socket = new Socket();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    final EmbeddedChannel channel = socket;

    /** What is in front; only of {@link #front} none of TLS yet. */
    final ChannelHandler first;

    final TlsHandler handler;

    int buffers;
    int heard;
    boolean inactive;

    @Nullable
    String identity;

    @Nullable
    Throwable failure;

    @Nullable
    Throwable caught;

    private TlsEnd(@Nullable List<TlsPsk> offered, @Nullable TlsPskFinder finder, boolean autoRead) {
        this.handler =
                offered != null ? TlsHandler.client(offered, TIMEOUT, this) : TlsHandler.server(finder, TIMEOUT, this);
        this.first = handler;
        open(autoRead);
    }

    private TlsEnd(boolean required, TlsKeyChooser chooser) {
        this.handler = null;
        this.first = new TlsFront(required, chooser, TIMEOUT, this);
        open(false);
        channel.read();
    }

    private void open(boolean autoRead) {
        channel.freezeTime();
        channel.config().setAutoRead(autoRead);
        channel.pipeline()
                .addLast(new ChannelOutboundHandlerAdapter() {
                    @Override
                    public void read(ChannelHandlerContext context) {
                        socket.reads++;
                        context.read();
                    }
                })
                .addLast("tls", first)
                .addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ByteBuf bytes = (ByteBuf) message;
                        received.writeBytes(ByteBufUtil.getBytes(bytes));
                        bytes.release();
                        buffers++;
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        caught = cause;
                    }

                    @Override
                    public void channelInactive(ChannelHandlerContext context) {
                        inactive = true;
                    }
                });
    }

    static TlsEnd client(TlsPsk... offered) {
        return new TlsEnd(List.of(offered), null, true);
    }

    static TlsEnd server(TlsPsk... known) {
        return new TlsEnd(null, Keys.finder(known), true);
    }

    /** A server that has to find out what comes, and reads only what it asks for. */
    static TlsEnd front(boolean required, TlsKeyChooser chooser) {
        return new TlsEnd(required, chooser);
    }

    static TlsEnd serverThatAsks(TlsPsk... known) {
        return new TlsEnd(null, Keys.finder(known), false);
    }

    @Override
    public void secured(String agreed) {
        heard++;
        identity = agreed;
    }

    @Override
    public void failed(Throwable cause) {
        heard++;
        failure = cause;
    }

    ChannelHandlerContext context() {
        return channel.pipeline().context(handler);
    }

    ChannelFuture write(byte[] data) {
        return channel.write(
                channel.alloc().directBuffer(Math.max(1, data.length)).writeBytes(data));
    }

    ChannelFuture send(byte[] data) {
        ChannelFuture written = write(data);
        channel.flush();
        return written;
    }

    byte[] received() {
        byte[] all = received.toByteArray();
        received.reset();
        return all;
    }

    /** What the socket has taken. */
    byte[] sent() {
        channel.runPendingTasks();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuf next;
        while ((next = channel.readOutbound()) != null) {
            all.writeBytes(ByteBufUtil.getBytes(next));
            next.release();
        }
        return all.toByteArray();
    }

    /** What has come is read at once. */
    void deliver(byte[] bytes) {
        deliver(bytes, 0, bytes.length);
    }

    void deliver(byte[] bytes, int from, int to) {
        if (from < to && channel.isOpen()) {
            channel.writeInbound(channel.alloc().directBuffer(to - from).writeBytes(bytes, from, to - from));
        }
    }

    void full(boolean value) {
        socket.full = value;
        if (!value) {
            channel.flush();
        }
    }

    /** How often the socket was asked to read since the last time. */
    int reads() {
        int reads = socket.reads;
        socket.reads = 0;
        return reads;
    }

    /** The peer's FIN. */
    void fin() {
        channel.unsafe().close(channel.unsafe().voidPromise());
        channel.runPendingTasks();
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
