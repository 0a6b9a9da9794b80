package io.nvmf.rdma.iwarp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.rdma.spi.RdmaAccess;
import io.nvmf.rdma.spi.RdmaCompletion;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaLimits;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.rdma.spi.RdmaWindow;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.TransportAddress;
import io.nvmf.transport.support.SocketAddresses;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A connection after its start: the channel handler that is its data path, and what its user calls. What comes in is the
 * business of {@link Inbound}, what goes out of {@link Output}, the end of {@link ConnectionEnd}.
 *
 * <p>Nothing is read from the socket before there is a receiver. From then on reading never stops: how much the peer may
 * send is bounded by receive places, windows and the number of reads.
 */
final class IwarpConnection extends ChannelInboundHandlerAdapter
        implements RdmaConnection, Inbound.Owner, Output.Owner {

    private final Channel channel;
    private final ConnectionTerms terms;
    private final KeySource keys = new KeySource();
    private final WindowTable windows = new WindowTable(keys);
    private final SendQueue sends;
    private final Posting posting;
    private final ReadQueue reads;
    private final Inbound inbound;
    private final Nudge nudge;
    private final ConnectionEnd end;

    /** What came before there was a receiver: with the end of the stream the channel reads unasked. */
    private final ArrayDeque<ByteBuf> early = new ArrayDeque<>();

    private @Nullable Output output;
    private @Nullable RdmaReceiver receiver;
    private boolean reading;
    private boolean tellingWritable;
    private boolean toldWritable = true;

    /**
     * Creates the handler, which is not in the pipeline yet.
     *
     * @param channel connected, and past the start
     * @param terms what was agreed on
     */
    IwarpConnection(Channel channel, ConnectionTerms terms) {
        this.channel = channel;
        this.terms = terms;
        this.sends = new SendQueue(terms.limits().sends(), terms.limits().readsOut());
        this.posting =
                new Posting(channel.eventLoop(), sends, keys, terms.limits().sends());
        this.reads = new ReadQueue(terms.limits().readsIn());
        this.inbound = new Inbound(this, terms, channel.alloc(), windows, sends, reads);
        this.nudge = new Nudge(channel.eventLoop(), terms.nudge(), () -> output().nudge());
        this.end = new ConnectionEnd(channel, terms.closeTimeout(), this::everythingIsOver);
    }

    /** Ends with the event loop. */
    void watchLoop() {
        end.watchLoop(() -> {
            fail(new RdmaEnd.EventLoopGone());
            output().release();
        });
    }

    private Output output() {
        return Objects.requireNonNull(output, "the handler is in the pipeline");
    }

    @Override
    public EventExecutor executor() {
        return channel.eventLoop();
    }

    @Override
    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    @Override
    public RdmaLimits limits() {
        return terms.limits();
    }

    @Override
    public ByteBuffer privateData() {
        return ByteBuffer.wrap(terms.privateData()).asReadOnlyBuffer();
    }

    @Override
    public @Nullable TransportAddress localAddress() {
        return SocketAddresses.of(channel.localAddress());
    }

    @Override
    public @Nullable TransportAddress remoteAddress() {
        return terms.remoteAddress(channel);
    }

    @Override
    public String agreement() {
        return "iWARP, " + (terms.checked() ? "CRC" : "no CRC") + ", ULPDU "
                + terms.ulpdu() + ", reads in " + terms.limits().readsIn() + " out "
                + terms.limits().readsOut();
    }

    // ---- what the user does with it

    @Override
    public void receiver(RdmaReceiver named) {
        if (receiver != null) {
            throw new IllegalStateException("there is a receiver already");
        }
        receiver = named;
        EventLoopTasks.later(executor(), this::startReading);
    }

    private void startReading() {
        RdmaReceiver present = receiver;
        if (present == null || reading) {
            return;
        }
        reading = true;
        end.receiver(present);
        if (!end.isBegun()) {
            for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
                take(bytes);
            }
            output().readPassOver();
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public RdmaWindow expose(ByteBuf memory, int index, int length, RdmaAccess access) {
        if (end.isBegun()) {
            throw new RdmaException(RdmaException.Kind.FLUSHED, "the connection has ended");
        }
        return windows.expose(memory, index, length, access);
    }

    @Override
    public void send(ByteBuf header, @Nullable ByteBuf data, int invalidate, RdmaCompletion completion) {
        post(posting.send(header, data, invalidate, completion));
    }

    @Override
    public void write(ByteBuf data, long address, int key, RdmaCompletion completion) {
        post(posting.write(data, address, key, completion));
    }

    @Override
    public void read(ByteBuf memory, int index, int length, long address, int key, RdmaCompletion completion) {
        post(posting.read(memory, index, length, address, key, completion));
    }

    private void post(Operation operation) {
        if (posting.post(operation, end.isBegun())) {
            output().schedule();
        }
    }

    @Override
    public void flush() {
        if (!end.isBegun()) {
            output().flush();
        }
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void abort(String detail) {
        terminate(TerminateError.RDMAP_LOCAL, null, null, detail);
    }

    @Override
    public Mono<Void> close() {
        EventLoopTasks.run(executor(), () -> {
            sayReady(); // what was issued leaves, pause or not
            if (begin(new RdmaEnd.Closed(RdmaEnd.Side.LOCAL))) {
                output().drain();
            }
        });
        return end.gone();
    }

    // ---- the end

    /** From here on nothing is delivered or placed; true the first time. */
    private boolean begin(RdmaEnd how) {
        if (!end.begin(how)) {
            return false;
        }
        nudge.stop();
        inbound.stop();
        windows.closeAll();
        early.forEach(ReferenceCountUtil::release);
        early.clear();
        return true;
    }

    /** Without a word to the peer. */
    private void fail(RdmaEnd how) {
        if (begin(how)) {
            output().stop();
        }
        channel.close();
        end.channelGone();
    }

    private void terminate(
            TerminateError error, @Nullable DdpHeader header, byte @Nullable [] readRequest, String detail) {
        if (begin(new RdmaEnd.ProtocolError(RdmaEnd.Side.LOCAL, error.code(), detail))) {
            output().terminate(error, header, readRequest);
        }
    }

    /** The socket has nothing of this any more. */
    private void everythingIsOver() {
        reads.release();
        sends.flush();
    }

    @Override
    public void violated(IwarpViolation violation) {
        terminate(violation.error(), null, null, String.valueOf(violation.getMessage()));
    }

    @Override
    public void failed(Throwable cause) {
        fail(Ends.failed(cause));
    }

    @Override
    public void drained() {
        end.drained();
    }

    // ---- what comes in

    @Override
    public void arrived() {
        output().open(); // the initiator has shown itself; nothing was sent before
    }

    @Override
    public void received(ByteBuf message, int invalidated) {
        RdmaReceiver present = receiver;
        if (present == null) {
            message.release();
        } else {
            present.received(message, invalidated);
        }
    }

    @Override
    public void asked() {
        output().schedule();
    }

    @Override
    public void terminated(TerminateMessage message) {
        RdmaEnd how = new RdmaEnd.ProtocolError(
                RdmaEnd.Side.REMOTE, message.code(), "the peer ended the connection: " + message);
        if (begin(how)) {
            output().stop();
            output().drain();
        }
    }

    @Override
    public void begun() {
        if (terms.initiator()) {
            nudge.start();
        }
    }

    private void take(ByteBuf bytes) {
        try {
            nudge.stop();
            output().inReadPass();
            inbound.read(bytes);
        } catch (IwarpViolation violation) {
            // Whatever it sent, it has sent something, so it can be answered.
            output().open();
            TerminateError error = violation.error();
            terminate(error, inbound.wrongHeader(error), inbound.wrongRead(), String.valueOf(violation.getMessage()));
        } catch (RuntimeException | Error e) {
            fail(new RdmaEnd.IoFailure(e));
        } finally {
            bytes.release();
        }
    }

    // ---- ChannelHandler

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        FpduEncoder encoder = new FpduEncoder(context, terms.checked(), terms.ulpdu());
        output = new Output(context, encoder, sends, reads, this);
        ReceiveBuffers.use(context, inbound);
        if (terms.initiator()) {
            Pause.run(executor(), terms.pause(), this::sayReady);
        }
    }

    /** The pause of the initiator after the start is over. */
    private void sayReady() {
        if (end.isBegun() || !terms.initiator() || output().isOpen()) {
            return;
        }
        if (terms.ready() == ConnectionTerms.Ready.READ) {
            sends.addFirst(posting.readNothing());
        }
        output().open();
        if (terms.ready() == ConnectionTerms.Ready.WRITE) {
            output().nudge();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        fail(new RdmaEnd.Closed(RdmaEnd.Side.LOCAL));
        output().release();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (end.isBegun() || !(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
        } else if (reading) {
            take(bytes);
        } else {
            early.add(bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        output().readPassOver();
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            output().schedule();
        }
        if (!tellingWritable) {
            // It may change within a call of the user's.
            tellingWritable = true;
            EventLoopTasks.later(executor(), this::tellWritable);
        }
        context.fireChannelWritabilityChanged();
    }

    private void tellWritable() {
        tellingWritable = false;
        RdmaReceiver present = receiver;
        boolean writable = channel.isWritable();
        if (present != null && reading && !end.isBegun() && writable != toldWritable) {
            toldWritable = writable;
            present.writableChanged();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(
                executor().isShuttingDown()
                        ? new RdmaEnd.EventLoopGone()
                        : Ends.closed(inbound.isAtBoundary() && early.isEmpty()));
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause);
    }
}
