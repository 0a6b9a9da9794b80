package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.CallBacks;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * One connection: the channel handler that is its data path, and its life from the handshake to the end. What is sent
 * and what becomes of what is received is the business of the {@link Protocol}, which is that of a host or a
 * controller.
 *
 * <p>Capsules stay unconverted, and so can be taken back, while the connection takes no bytes; see {@link SendingTurn}.
 * Event loop only, but for what says otherwise.
 *
 * @param <P> the protocol
 */
final class TcpConnection<P extends Protocol> extends ChannelInboundHandlerAdapter implements ConnectionLife {

    private static final Logger LOG = LoggerFactory.getLogger(TcpConnection.class);

    final PduReader reader;

    private final boolean controller;
    private final Channel channel;
    private final TransportOptions options;
    private final P protocol;
    private final SendingTurn sending;
    private final ReadingDemand reading;
    private final ConnectionEnd ending;
    private final ExpectedInput expected;

    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ConnectionParameters agreed;

    /**
     * Creates the handler, which is not in the pipeline yet.
     *
     * @param controller whether this side is the controller
     * @param channel connected
     * @param options of the transport
     * @param role makes the protocol for this connection
     */
    TcpConnection(
            boolean controller, Channel channel, TransportOptions options, Function<? super TcpConnection<?>, P> role) {
        this.controller = controller;
        this.channel = channel;
        this.options = options;
        this.protocol = role.apply(this);
        this.ending = new ConnectionEnd(channel, protocol);
        this.reader = new PduReader(controller, protocol);
        this.sending = new SendingTurn(channel, protocol, this);
        this.reading = new ReadingDemand(channel, reader, protocol::wantsInput, this);
        this.expected = new ExpectedInput(channel, reading::isOn);
    }

    /** What this side sends, and makes of what it receives. */
    P protocol() {
        return protocol;
    }

    /** Any thread. */
    EventExecutor executor() {
        return channel.eventLoop();
    }

    /** Any thread. */
    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    TransportOptions options() {
        return options;
    }

    /** Any thread. */
    boolean isWritable() {
        return channel.isWritable();
    }

    /** Whether the channel is closed. */
    boolean isClosed() {
        return !channel.isOpen();
    }

    // ---- what the protocol does with it

    PduWriter writer() {
        return sending.writer();
    }

    /** Something waits to be converted or flushed. */
    void scheduleTurn() {
        sending.schedule();
    }

    /** The demand for input may have changed. */
    void updateReading() {
        reading.update();
    }

    /** Takes no more input until {@link #resume}; within {@link PduReader.Receiver#received}. */
    void pause() {
        reading.pause();
    }

    /** Takes input again, first what was kept. */
    void resume() {
        if (reading.resume()) {
            sending.schedule();
        }
    }

    /** Something is expected of the peer that is worth polling for, or no more. */
    void expect(int change) {
        expected.change(change);
    }

    // ---- the beginning

    /**
     * Begins the handshake, once this is in the pipeline. What goes wrong, and an end that came first, end this like
     * anything later.
     */
    void start(Duration initializationTimeout) {
        if (ended() != null) {
            return;
        }
        try {
            begin(initializationTimeout);
        } catch (Throwable broken) {
            // No memory, an event loop that shuts down, or a pipeline that did not take this handler.
            end(new Termination.IoFailure(broken));
            channel.close();
        }
    }

    private void begin(Duration initializationTimeout) {
        expected.poll(options);
        PduWriter initial = writer();
        deadline = executor()
                .schedule(
                        () -> end(new Termination.IoFailure(new TimeoutException(
                                "the peer did not initialize the connection within " + initializationTimeout))),
                        initializationTimeout.toNanos(),
                        TimeUnit.NANOSECONDS);
        ReceiveBuffers.install(channel, reader);
        protocol.startInitialization(initial);
        sending.flush();
        channel.read();
    }

    /** The handshake is done. */
    void initialized(ConnectionParameters parameters) {
        cancelDeadline();
        writer().parameters(parameters);
        agreed = parameters;
    }

    /** What ICReq and ICResp came to; null before. */
    @Nullable
    ConnectionParameters agreed() {
        return agreed;
    }

    // ---- the end

    @Override
    public boolean isInitialized() {
        return agreed != null;
    }

    @Override
    public @Nullable Termination ended() {
        return ending.how();
    }

    /** How the connection ends; any thread. */
    Mono<Termination> termination() {
        return ending.termination();
    }

    /** Closes the connection; completes when nothing of it is left. Cold; any thread. */
    Mono<Void> close() {
        return Mono.defer(() -> {
            EventLoopTasks.run(executor(), () -> end(new Termination.Closed(Termination.Side.LOCAL)));
            return ending.closed();
        });
    }

    @Override
    public void end(Termination how) {
        end(how, null);
    }

    @Override
    public void violated(ProtocolViolation violation) {
        end(Terminations.violated(violation, reader.offendingHeader()), violation.isAnswered() ? violation : null);
    }

    /** What is below the connection cannot carry it any more. */
    void failed(Throwable cause) {
        end(Terminations.failed(cause));
        closeChannel();
    }

    /** The peer ends the connection with a termination request. */
    void terminated(ByteBuf termReq, int index) {
        end(Terminations.requested(termReq, index));
    }

    /**
     * There is no event loop any more, and nobody else is at work here. Mostly this comes after the end, as channels are
     * closed in the last turn at the latest.
     */
    void loopEnded() {
        end(Termination.Closed.EVENT_LOOP_GONE);
        ending.checkGone();
    }

    private void lastTurn() {
        end(Termination.Closed.EVENT_LOOP_GONE);
        closeChannel();
    }

    private void end(Termination how, @Nullable ProtocolViolation answer) {
        if (ended() != null) {
            return;
        }
        expected.end();
        ending.begin(how);
        reading.stop();
        cancelDeadline();
        boolean attached = sending.attachedWriter() != null;
        boolean explained = answer != null && attached && explain(answer);
        if (attached) {
            // What has been transmitted has been promised to be on its way.
            CallBacks.guarded(sending::flush);
        }
        if (!explained) {
            channel.close();
        }
        ending.tell(how);
    }

    /** Tells the peer why this is the end. From then on input is discarded until the peer closes, or the time is up. */
    private boolean explain(ProtocolViolation violation) {
        try {
            writer().termReq(violation, reader.offendingHeader());
            channel.config().setAutoRead(true);
            deadline = executor()
                    .schedule(
                            this::closeChannel,
                            options.require(TcpOptions.TERMINATION_TIMEOUT).toNanos(),
                            TimeUnit.NANOSECONDS);
            return true;
        } catch (RuntimeException | Error e) {
            LOG.warn("{}: the peer cannot be told why the connection ends: {}", channel, violation.detail(), e);
            return false;
        }
    }

    /** Data has left that the socket had not taken at once. */
    void dataLeft() {
        ending.dataLeft();
    }

    private void closeChannel() {
        channel.close();
        ending.checkGone();
    }

    private void cancelDeadline() {
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void turnOver() {
        reading.update();
    }

    // ---- ChannelHandler

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        EventLoopWatch.inLastTurn(executor(), channel.closeFuture(), this::lastTurn);
        sending.attached(new PduWriter(controller, context));
        reader.attached(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end(new Termination.Closed(Termination.Side.LOCAL));
        closeChannel();
        cancelDeadline();
        reader.release();
        PduWriter present = sending.attachedWriter();
        if (present != null) {
            present.release();
        }
        protocol.closed();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        expected.arrived();
        if (ended() == null && message instanceof ByteBuf bytes) {
            sending.inReadPass();
            reading.take(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
        reading.update();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        sending.readPassOver();
        if (ended() == null) {
            if (isInitialized()) {
                sending.run();
            } else {
                channel.read();
            }
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (ended() == null && channel.isWritable()) {
            protocol.writabilityChanged();
            sending.schedule();
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(inactive());
        closeChannel();
        cancelDeadline();
        context.fireChannelInactive();
    }

    /** Event loops that shut down close their connections, which looks like the peer's doing and is not. */
    private Termination inactive() {
        if (executor().isShuttingDown()) {
            return Termination.Closed.EVENT_LOOP_GONE;
        }
        return Terminations.closed(reader.atBoundary());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            // Writes that a close overtook; channelInactive follows and knows why.
            return;
        }
        failed(cause);
    }
}
