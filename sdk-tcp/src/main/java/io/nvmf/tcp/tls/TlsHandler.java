package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.security.TlsPsk;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 with a pre-shared key between a connection and its socket. Until the handshake is over, what is written waits,
 * and how it ends is told to a {@link TlsListener} alone; one that takes too long fails with a {@link TimeoutException}.
 * Afterwards failures go up the pipeline: a {@link TlsException} also for a peer that ends the connection without a
 * close_notify.
 *
 * <p>A write is done when the last of its bytes has left. The handler reads by itself during the handshake, and later
 * only what it is asked for. It is for one connection, and its event loop.
 */
public final class TlsHandler extends ChannelDuplexHandler {

    private enum State {
        NEW,
        SHAKING_HANDS,
        OPEN,
        CLOSED
    }

    private final Engine engine;
    private final Duration timeout;
    private final TlsListener listener;
    private final RecordAssembler incoming = new RecordAssembler();
    private final PlainWrites writes = new PlainWrites();

    private State state = State.NEW;
    private @Nullable ScheduledFuture<?> deadline;

    /** What was written during the handshake is to be flushed after it. */
    private boolean flushWanted;

    /** Somebody has asked for data and got none since. */
    private boolean readWanted;

    private TlsHandler(Engine engine, Duration timeout, TlsListener listener) {
        this.engine = engine;
        this.timeout = timeout;
        this.listener = listener;
    }

    /**
     * Does once what the first handshake of a program would do on its event loop: it loads and checks providers of
     * cryptography, and blocks for that.
     */
    public static void prepare() {
        Rehearsal.run();
    }

    /**
     * The side that has connected.
     *
     * @param offered the keys to choose from, at least one; copied, and the copies wiped after the handshake
     * @param timeout of the handshake
     * @param listener hears how it ends
     * @return for the front of a pipeline
     */
    public static TlsHandler client(List<TlsPsk> offered, Duration timeout, TlsListener listener) {
        if (offered.isEmpty()) {
            throw new IllegalArgumentException("TLS needs at least one key");
        }
        return new TlsHandler(Engine.client(new PskClient(offered)), timeout, listener);
    }

    /**
     * The side that was connected to.
     *
     * @param finder has the keys
     * @param timeout of the handshake
     * @param listener hears how it ends
     * @return for the front of a pipeline
     */
    public static TlsHandler server(TlsPskFinder finder, Duration timeout, TlsListener listener) {
        return new TlsHandler(Engine.server(new PskServer(finder)), timeout, listener);
    }

    /**
     * Changes the keys of what this side sends; the handler does so by itself when they have been used much. Event loop
     * only, after the handshake.
     *
     * @param context of this handler
     * @param both whether the peer is asked to do the same
     */
    void updateKeys(ChannelHandlerContext context, boolean both) {
        try {
            seal(context);
            engine.updateKeys(both);
            drain(context);
        } catch (IOException | RuntimeException | Error e) {
            fail(context, e);
        }
    }

    // ---- the handshake

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (context.channel().isActive()) {
            start(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        start(context);
        context.fireChannelActive();
    }

    private void start(ChannelHandlerContext context) {
        if (state != State.NEW) {
            return;
        }
        state = State.SHAKING_HANDS;
        deadline = context.executor()
                .schedule(
                        () -> fail(context, new TimeoutException("no TLS handshake within " + timeout)),
                        timeout.toNanos(),
                        TimeUnit.NANOSECONDS);
        try {
            engine.start();
            drain(context);
            context.read();
        } catch (IOException | RuntimeException | Error e) {
            fail(context, e);
        }
    }

    /** The handshake may be over. */
    private void checkSecured(ChannelHandlerContext context) {
        String identity = engine.agreed();
        if (state == State.SHAKING_HANDS && identity != null) {
            state = State.OPEN;
            cancelDeadline();
            engine.wipe();
            drain(context);
            listener.secured(identity);
            if (flushWanted && state == State.OPEN) {
                flush(context);
            }
        }
    }

    // ---- what is received

    @Override
    public void read(ChannelHandlerContext context) {
        readWanted = true;
        context.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf in)) {
            context.fireChannelRead(message);
            return;
        }
        Opened opened = new Opened(context, in.readableBytes());
        try {
            open(context, in, opened);
        } finally {
            in.release();
        }
        opened.passOn();
        if (opened.failure != null) {
            fail(context, opened.failure);
        } else if (engine.isClosed() && state == State.OPEN) {
            // By the peer's close_notify, which has been answered.
            end(new ClosedChannelException());
            context.close();
        }
    }

    private void open(ChannelHandlerContext context, ByteBuf in, Opened opened) {
        try {
            while (in.isReadable() && (state == State.OPEN || state == State.SHAKING_HANDS) && !engine.isClosed()) {
                int length = incoming.take(in, engine);
                if (length > 0) {
                    engine.offer(incoming.record(), length, opened);
                    checkSecured(context);
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            opened.failure = e;
        }
        try {
            drain(context);
        } catch (RuntimeException | Error e) {
            if (opened.failure == null) {
                opened.failure = e;
            }
        }
    }

    /** The data of one pass, in one buffer. */
    private final class Opened implements Engine.Sink {

        private final ChannelHandlerContext context;
        private final int expected;
        private @Nullable ByteBuf data;

        @Nullable
        Throwable failure;

        Opened(ChannelHandlerContext context, int expected) {
            this.context = context;
            this.expected = expected;
        }

        @Override
        public void take(byte[] array, int offset, int length) {
            if (length > 0) {
                ByteBuf to = data;
                if (to == null) {
                    to = context.alloc().directBuffer(Math.max(length, expected));
                    data = to;
                }
                to.writeBytes(array, offset, length);
            }
        }

        void passOn() {
            ByteBuf whole = data;
            if (whole == null) {
                return;
            }
            data = null;
            if (state == State.CLOSED) {
                whole.release();
            } else {
                readWanted = false;
                context.fireChannelRead(whole);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        boolean goesOn = state == State.SHAKING_HANDS || (state == State.OPEN && readWanted);
        if (goesOn && !context.channel().config().isAutoRead()) {
            context.read();
        }
        context.fireChannelReadComplete();
    }

    // ---- what is sent

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new IllegalArgumentException("TLS carries buffers, not " + message.getClass()));
        } else if (state == State.CLOSED) {
            bytes.release();
            promise.tryFailure(new ClosedChannelException());
        } else {
            writes.add(bytes, promise);
            if (state == State.OPEN && writes.pending() >= PlainWrites.MOST_TOGETHER) {
                // So that the channel knows how much waits for it.
                sealOrFail(context);
            }
        }
    }

    @Override
    public void flush(ChannelHandlerContext context) {
        if (state == State.OPEN) {
            sealOrFail(context);
        } else {
            flushWanted = true;
        }
        context.flush();
    }

    private void sealOrFail(ChannelHandlerContext context) {
        try {
            seal(context);
        } catch (IOException | RuntimeException | Error e) {
            fail(context, e);
        }
    }

    private void seal(ChannelHandlerContext context) throws IOException {
        while (!writes.isEmpty()) {
            PlainWrites.Sent sent = writes.begin();
            ByteBuf records = null;
            try {
                records =
                        sent.isEmpty() ? Unpooled.EMPTY_BUFFER : context.alloc().directBuffer(sent.sealedLength());
                writes.seal(engine, records, sent);
            } catch (IOException | RuntimeException | Error e) {
                if (records != null) {
                    records.release();
                }
                sent.failed(e);
                throw e;
            }
            context.write(records, sent.promise(context));
        }
    }

    /** Sends what the engine has to say by itself. */
    private void drain(ChannelHandlerContext context) {
        int length = engine.drainable();
        if (length > 0) {
            ByteBuf records = context.alloc().directBuffer(length);
            engine.drain(records);
            context.writeAndFlush(records);
        }
    }

    // ---- the end

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        closeTls(context);
        context.close(promise);
    }

    @Override
    public void disconnect(ChannelHandlerContext context, ChannelPromise promise) {
        closeTls(context);
        context.disconnect(promise);
    }

    private void closeTls(ChannelHandlerContext context) {
        if (state == State.CLOSED || state == State.NEW) {
            return;
        }
        boolean unheard = end(new ClosedChannelException());
        try {
            engine.close();
            drain(context);
        } catch (IOException | RuntimeException | Error e) {
            context.flush(); // whatever there is of it
        }
        if (unheard) {
            listener.failed(new TlsException("closed by this side during the TLS handshake"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (state != State.CLOSED) {
            TlsException truncated = state == State.OPEN
                    ? TlsException.truncated()
                    : new TlsException("the connection was closed during the TLS handshake");
            if (end(truncated)) {
                listener.failed(truncated);
            } else if (!context.executor().isShuttingDown()) {
                context.fireExceptionCaught(truncated);
            }
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (state == State.SHAKING_HANDS) {
            fail(context, cause);
        } else {
            if (state == State.OPEN) {
                end(cause);
            }
            context.fireExceptionCaught(cause);
        }
    }

    /** Without this, what is written behind would leave in clear. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        fail(context, new TlsException("TLS was taken out of the connection"));
    }

    /**
     * Ends it without a connection: where it has come into none, or there is no event loop any more that could tell of the
     * end. Whoever calls has everything here for itself.
     */
    public void discard() {
        if (state != State.CLOSED) {
            ClosedChannelException gone = new ClosedChannelException();
            if (end(gone)) {
                listener.failed(gone);
            }
        }
    }

    private void fail(ChannelHandlerContext context, Throwable cause) {
        if (state == State.CLOSED) {
            return;
        }
        Throwable told = told(cause);
        if (end(told)) {
            listener.failed(told);
        } else {
            context.fireExceptionCaught(told);
        }
        context.close();
    }

    /** True if the listener has not heard yet how the handshake ended, and has to. */
    private boolean end(Throwable cause) {
        boolean unheard = state != State.OPEN;
        state = State.CLOSED;
        cancelDeadline();
        engine.wipe();
        writes.fail(cause);
        return unheard;
    }

    private void cancelDeadline() {
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
            deadline = null;
        }
    }

    private Throwable told(Throwable cause) {
        if (cause instanceof TlsFatalAlertReceived received) {
            short alert = received.getAlertDescription();
            return new TlsException(
                    "the peer ended TLS with the alert " + AlertDescription.getText(alert), alert, cause);
        }
        if (cause instanceof TlsFatalAlert raised) {
            String remark = state == State.SHAKING_HANDS ? engine.remark() : null;
            return new TlsException(
                    "TLS failed: " + raised.getMessage() + (remark == null ? "" : ": " + remark),
                    raised.getAlertDescription(),
                    cause);
        }
        return cause;
    }
}
