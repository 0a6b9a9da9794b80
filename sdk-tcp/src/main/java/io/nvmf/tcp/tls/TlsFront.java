package io.nvmf.tcp.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.security.TlsPsk;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.TlsKeyChooser;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;

/**
 * Stands in front of a connection that was accepted until it is known whether it begins with TLS, and which key its
 * client has. Then a {@link TlsHandler} takes its place, or nothing, and gets what has come so far. Until then little is
 * held, nothing is computed, and nothing is read while a key is looked for.
 *
 * <p>A ClientHello is taken from one record, as all known clients send it. A client without a key that is known here goes
 * on to the handshake, which refuses it as one with a wrong key, so that strangers do not learn which hosts there are.
 *
 * <p>It sets no limit of time; whoever stands behind it closes the connection. It is for one connection, and its event
 * loop.
 */
public final class TlsFront extends ChannelInboundHandlerAdapter {

    /** What replaces this in a pipeline. */
    static final String TLS = "nvme-tls";

    /** A record, and what one read brings beyond it. A client has nothing more to say before it is answered. */
    private static final int MOST_KEPT = RecordAssembler.HEADER + (1 << 14) + (32 << 10);

    private static final byte FATAL = 2;
    private static final byte INTERNAL_ERROR = 80;
    private static final byte[] INTERNAL_ERROR_ALERT = {21, 3, 3, 0, 2, FATAL, INTERNAL_ERROR};

    private enum State {
        LOOKING,
        CHOOSING,
        OVER
    }

    private final boolean required;
    private final TlsKeyChooser chooser;
    private final Duration timeout;
    private final TlsListener listener;

    private State state = State.LOOKING;

    /** Up to a record, and what was read with its end. */
    private @Nullable ByteBuf kept;

    private @Nullable Choice choice;
    private @Nullable TlsHandler successor;

    /**
     * Creates the handler for one connection.
     *
     * @param required whether a connection without TLS ends; otherwise it goes on, and the listener hears nothing
     * @param chooser has the keys
     * @param timeout of the handshake
     * @param listener hears how it ends
     */
    public TlsFront(boolean required, TlsKeyChooser chooser, Duration timeout, TlsListener listener) {
        this.required = required;
        this.chooser = chooser;
        this.timeout = timeout;
        this.listener = listener;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
        } else if (state == State.OVER || !bytes.isReadable()) {
            bytes.release();
        } else if (kept == null && bytes.getUnsignedByte(bytes.readerIndex()) != ClientHelloIdentities.HANDSHAKE) {
            plain(context, bytes);
        } else if (kept != null && bytes.readableBytes() > MOST_KEPT - kept.readableBytes()) {
            bytes.release();
            fail(context, new TlsException("much comes behind a ClientHello that is not answered yet"));
        } else {
            keep(context, bytes);
            if (state == State.LOOKING) {
                look(context);
            }
        }
    }

    private void plain(ChannelHandlerContext context, ByteBuf bytes) {
        if (required) {
            bytes.release();
            fail(context, new TlsException("a connection without TLS, which is required here"));
        } else {
            state = State.OVER;
            context.pipeline().remove(this);
            context.fireChannelRead(bytes);
        }
    }

    /** Copies, because what it comes in may be many times as large. */
    private void keep(ChannelHandlerContext context, ByteBuf bytes) {
        try {
            ByteBuf all = kept;
            if (all == null) {
                all = context.alloc().heapBuffer(bytes.readableBytes());
                kept = all;
            }
            all.writeBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    private void look(ChannelHandlerContext context) {
        ByteBuf all = Objects.requireNonNull(kept, "kept just now");
        int needed = ClientHelloIdentities.recordLength(all);
        if (needed == ClientHelloIdentities.UNKNOWN || needed > all.readableBytes()) {
            return;
        }
        state = State.CHOOSING;
        List<String> identities = ClientHelloIdentities.of(all);
        if (identities.isEmpty()) {
            chosen(context, null);
            return;
        }
        Choice choosing = new Choice(context);
        choice = choosing;
        try {
            chooser.choose(identities).subscribe(choosing);
        } catch (RuntimeException | Error broken) {
            choosing.hookOnError(broken);
        }
    }

    /** Waits for the key. It is handed to the event loop, or closed. */
    private final class Choice extends BaseSubscriber<TlsPsk> {

        private final ChannelHandlerContext context;
        private final AtomicBoolean done = new AtomicBoolean();

        Choice(ChannelHandlerContext context) {
            this.context = context;
        }

        @Override
        protected void hookOnNext(TlsPsk psk) {
            if (done.compareAndSet(false, true)) {
                run(() -> chosen(context, psk));
            } else {
                psk.close();
            }
        }

        @Override
        protected void hookOnComplete() {
            if (done.compareAndSet(false, true)) {
                run(() -> chosen(context, null));
            }
        }

        @Override
        protected void hookOnError(Throwable failure) {
            if (done.compareAndSet(false, true)) {
                run(() -> notChosen(context, failure));
            }
        }

        private void run(EventLoopTasks.WakeUp task) {
            EventExecutor executor = context.executor();
            if (executor.inEventLoop()) {
                task.run();
            } else {
                EventLoopTasks.wake(executor, task);
            }
        }
    }

    private void chosen(ChannelHandlerContext context, @Nullable TlsPsk psk) {
        ByteBuf bytes = kept;
        if (state != State.CHOOSING || bytes == null) {
            close(psk);
            return;
        }
        choice = null; // what it has given is not taken back any more
        TlsHandler tls;
        try {
            tls = TlsHandler.server(
                    identity -> psk != null && psk.identity().equals(identity) ? psk : null,
                    timeout,
                    new KeyHolder(psk, listener));
        } catch (RuntimeException | Error broken) {
            close(psk);
            notChosen(context, broken);
            return;
        }
        kept = null;
        state = State.OVER;
        successor = tls;
        context.pipeline().replace(this, TLS, tls);
        context.fireChannelRead(bytes);
        context.fireChannelReadComplete();
    }

    private static void close(@Nullable TlsPsk psk) {
        if (psk != null) {
            psk.close();
        }
    }

    /** Has the key until the end of the handshake. */
    private record KeyHolder(@Nullable TlsPsk psk, TlsListener next) implements TlsListener {

        @Override
        public void secured(String identity) {
            close(psk);
            next.secured(identity);
        }

        @Override
        public void failed(Throwable failure) {
            close(psk);
            next.failed(failure);
        }
    }

    private void notChosen(ChannelHandlerContext context, Throwable cause) {
        if (state == State.CHOOSING) {
            context.writeAndFlush(Unpooled.wrappedBuffer(INTERNAL_ERROR_ALERT));
            fail(context, new TlsException("the key of a host could not be looked for", INTERNAL_ERROR, cause));
        }
    }

    private void fail(ChannelHandlerContext context, TlsException failure) {
        end();
        listener.failed(failure);
        context.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        switch (state) {
            case LOOKING -> context.read();
            case CHOOSING -> {} // what comes next stays with the peer
            case OVER -> context.fireChannelReadComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    /** Whoever else takes it away must not have the connection go on in clear. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (state != State.OVER) {
            fail(context, new TlsException("TLS was taken out of the connection"));
        }
    }

    /** There is no event loop any more that could tell of the end; whoever calls has everything here for itself. */
    public void loopEnded() {
        end();
        if (successor != null) {
            successor.discard();
        }
    }

    private void end() {
        state = State.OVER;
        Choice choosing = choice;
        if (choosing != null) {
            choice = null;
            choosing.cancel();
        }
        ByteBuf bytes = kept;
        if (bytes != null) {
            kept = null;
            bytes.release();
        }
    }
}
