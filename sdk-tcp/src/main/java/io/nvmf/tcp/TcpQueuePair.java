package io.nvmf.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.spec.TransportType;
import io.nvmf.tcp.pdu.ConnectionParameters;
import io.nvmf.tcp.pdu.FatalErrorStatus;
import io.nvmf.tcp.pdu.ProtocolViolation;
import io.nvmf.tcp.pdu.TermReq;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.Termination;
import io.nvmf.transport.TransportOptions;
import io.nvmf.transport.support.CallBacks;
import io.nvmf.transport.support.CapsuleFlux;
import io.nvmf.transport.support.UnsentCapsules;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What both roles share: the channel handler that is the data path of one connection, its life from the handshake to the
 * end, and the turn of the event loop that converts capsules and flushes once.
 *
 * <p>During a read pass nothing is scheduled: what call-backs submit leaves when the pass is complete. Otherwise the first
 * submission schedules one turn. Capsules stay unconverted, and so can be taken back, while the connection takes no bytes.
 *
 * @param <C> capsules sent
 * @param <R> capsules received
 */
abstract class TcpQueuePair<C, R> extends ChannelInboundHandlerAdapter
        implements QueuePair, PduReader.Receiver, UnsentCapsules.Sender<C> {

    private static final Logger LOG = LoggerFactory.getLogger(TcpQueuePair.class);

    /** Capsules that may wait for demand beyond the size of the queue: asynchronous events have no queue entry. */
    private static final int EXTRA_CAPSULES = 256;

    /** Until it is looked again whether there is memory for headers. */
    private static final int CROWDED_MILLIS = 5;

    final TransportOptions options;
    final CapsuleFlux<R> received;
    final PduReader reader;

    private final boolean controller;
    private final Channel channel;
    private final EventExecutor executor;
    private final Sinks.One<Termination> termination = Sinks.one();
    private final Sinks.Empty<Void> closed = Sinks.empty();
    private final Runnable turnTask = this::turn;

    final UnsentCapsules<C> unsent;

    private @Nullable PduWriter writer;
    private @Nullable Termination end;

    /** This is the end, but for transfers whose data the socket has not taken yet. */
    private boolean leaving;

    private @Nullable ScheduledFuture<?> deadline;
    private boolean initialized;
    private boolean reading;
    private boolean inReadPass;
    private boolean turnScheduled;

    /** There was no memory for headers a moment ago. */
    private boolean crowded;

    /** Input is kept where it is until there is memory for what it announces. */
    private boolean paused;

    /** Input that was read from the socket before the pause, and not looked at yet. */
    private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>();

    /** Null unless this connection makes its event loop poll. */
    private @Nullable BusyPolling polling;

    private int expected;

    TcpQueuePair(boolean controller, Channel channel, TransportOptions options) {
        this.controller = controller;
        this.channel = channel;
        this.executor = channel.eventLoop();
        this.options = options;
        this.reader = new PduReader(controller, this);
        this.unsent = new UnsentCapsules<>(executor, this);
        this.received = new CapsuleFlux<>(executor, this::updateReading, this::discard);
    }

    /** Writes the PDUs that go before capsules, as far as there are any; false if there was none. */
    abstract boolean convertReady();

    /** Whether {@link #convertReady} has something to do. */
    abstract boolean isReadyPending();

    /** A received capsule will not be delivered. */
    abstract void discard(R capsule);

    /** Whether data is due from the peer, whatever the demand for capsules. */
    abstract boolean isDataDue();

    /** Ends all transfers, whatever their call-backs throw; called once, when the connection reads no memory of theirs any more. */
    abstract void abortTransfers();

    /** Ends the transfers whose memory the connection does not read, while it still reads that of others. */
    void abortIdleTransfers() {}

    /** Whether memory of a transfer has been given to the connection and has not left yet. */
    boolean isDataLeaving() {
        return false;
    }

    /** Everything converted so far has been given to the socket, which may have taken less. */
    abstract void flushed(PduWriter writer);

    /** The channel is closed, and everything that was on its way is gone. */
    abstract void closed();

    /** Number of submission queue entries. */
    abstract int queueSize();

    /** The first step of the handshake: the host's ICReq. */
    abstract void startInitialization(PduWriter writer);

    /** The connection takes bytes again, or has ended. Does not throw. */
    abstract void writabilityChanged();

    // ---- QueuePair

    @Override
    public final TransportType transportType() {
        return TransportType.TCP;
    }

    @Override
    public final EventExecutor executor() {
        return executor;
    }

    @Override
    public final ByteBufAllocator allocator() {
        return channel.alloc();
    }

    @Override
    public final Mono<Termination> termination() {
        return termination.asMono();
    }

    @Override
    public final Mono<Void> close() {
        return Mono.defer(() -> {
            EventLoopTasks.run(executor, () -> end(new Termination.Closed(Termination.Side.LOCAL)));
            return termination.asMono().then(closed.asMono());
        });
    }

    // ---- life of the connection

    /**
     * Begins the handshake; event loop only, once this is in the pipeline. What goes wrong, and an end that came first, end this
     * like anything later.
     */
    final void start(Duration initializationTimeout) {
        if (end != null) {
            return;
        }
        try {
            begin(initializationTimeout);
        } catch (
                Throwable
                        broken) { // no memory, an event loop that shuts down, a pipeline that did not take this handler
            end(new Termination.IoFailure(broken));
            channel.close();
        }
    }

    private void begin(Duration initializationTimeout) {
        Duration busyPoll = options.require(TcpOptions.BUSY_POLL);
        if (!busyPoll.isZero()) {
            polling = BusyPolling.current();
            if (polling != null) {
                polling.limit(busyPoll.toNanos());
            }
        }
        PduWriter initial = writer();
        deadline = executor.schedule(
                () -> end(new Termination.IoFailure(new TimeoutException(
                        "the peer did not initialize the connection within " + initializationTimeout))),
                initializationTimeout.toNanos(),
                TimeUnit.NANOSECONDS);
        ReceiveBuffers.install(channel, reader);
        startInitialization(initial);
        flush(initial);
        channel.read();
    }

    /** The handshake is done. */
    final void initialized(ConnectionParameters agreed) {
        cancelDeadline();
        writer().parameters(agreed);
        initialized = true;
    }

    /** Something is expected of the peer that is worth polling for, or no more. */
    final void expect(int change) {
        BusyPolling loop = polling;
        if (loop != null && end == null) {
            expected += change;
            loop.expect(change);
        }
    }

    final boolean isInitialized() {
        return initialized;
    }

    @Override
    public final @Nullable Termination ended() {
        return end;
    }

    final boolean isWritable() {
        return channel.isWritable();
    }

    final PduWriter writer() {
        PduWriter present = writer;
        if (present == null) {
            throw new IllegalStateException("the handler is not in a pipeline");
        }
        return present;
    }

    final void end(Termination how) {
        end(how, null);
    }

    /**
     * There is no event loop any more, so whoever tells has everything here for itself. An event loop that is shut down closes its
     * channels mostly, but one that is shut down within a turn and without a quiet period ends at once and leaves them as they are.
     */
    final void loopEnded() {
        end(Termination.Closed.EVENT_LOOP_GONE);
        checkGone();
    }

    private void end(Termination how, @Nullable ProtocolViolation answer) {
        if (end != null) {
            return;
        }
        expect(-expected);
        end = how;
        reader.stop();
        dropKept();
        cancelDeadline();
        PduWriter present = writer;
        boolean explained = answer != null && present != null && explain(answer);
        if (present != null) {
            // What has been transmitted has been promised to be on its way.
            CallBacks.guarded(() -> flush(present));
        }
        if (!explained) {
            channel.close();
        }
        unsent.dropAll(how);
        leaving = isDataLeaving() && !isGone();
        if (leaving) {
            // A buffer does not go back while its bytes may still be read.
            abortIdleTransfers();
        } else {
            abortTransfers();
        }
        writabilityChanged();
        CallBacks.guarded(received::complete);
        termination.tryEmitValue(how).orThrow();
        checkGone();
    }

    /** Data that was on its way when the end came has left. */
    final void dataLeft() {
        if (leaving && !isDataLeaving()) {
            leaving = false;
            abortTransfers();
        }
    }

    private void closeChannel() {
        channel.close();
        checkGone();
    }

    private boolean isGone() {
        return !channel.isOpen() || executor.isShutdown();
    }

    /** Without a socket nothing reads memory any more, and there is nothing left to close. */
    private void checkGone() {
        if (end == null || !isGone()) {
            return;
        }
        if (leaving) {
            leaving = false;
            abortTransfers();
        }
        closed.tryEmitEmpty();
    }

    /** Tells the peer why this is the end. From then on input is discarded until the peer closes, or the time is up. */
    private boolean explain(ProtocolViolation violation) {
        try {
            writer().termReq(violation, reader.offendingHeader());
            channel.config().setAutoRead(true);
            deadline = executor.schedule(
                    this::closeChannel,
                    options.require(TcpOptions.TERMINATION_TIMEOUT).toNanos(),
                    TimeUnit.NANOSECONDS);
            return true;
        } catch (RuntimeException | Error e) {
            LOG.warn("the peer cannot be told why the connection ends: {}", violation.detail(), e);
            return false;
        }
    }

    private void cancelDeadline() {
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
            deadline = null;
        }
    }

    // ---- sending

    @Override
    public final void queued() {
        scheduleTurn();
    }

    final void scheduleTurn() {
        if (inReadPass || turnScheduled || end != null) {
            return;
        }
        turnScheduled = true;
        try {
            executor.execute(turnTask);
        } catch (RejectedExecutionException loopGone) {
            end(Termination.Closed.EVENT_LOOP_GONE);
        }
    }

    private void turn() {
        turnScheduled = false;
        if (end != null || !initialized) {
            return;
        }
        try {
            do {
                convertWhileWritable();
                if (end == null) {
                    flush(writer());
                }
            } while (end == null && isWritable() && !crowded && (isReadyPending() || !unsent.isEmpty()));
        } catch (RuntimeException | Error e) {
            // A capsule that cannot be encoded, or memory that cannot be had, may leave half a PDU behind.
            end(new Termination.IoFailure(e));
            return;
        }
        if (end == null) {
            updateReading();
        }
    }

    private void convertWhileWritable() {
        boolean more = true;
        while (more && end == null && !crowded && isWritable() && hasRoom()) {
            more = convertReady() || unsent.convertNext();
        }
    }

    /** Whether there is memory for headers. If not, conversion goes on a little later, when the socket has taken some. */
    private boolean hasRoom() {
        if (writer().hasRoom()) {
            return true;
        }
        crowded = true;
        executor.schedule(
                () -> {
                    crowded = false;
                    scheduleTurn();
                },
                CROWDED_MILLIS,
                TimeUnit.MILLISECONDS);
        return false;
    }

    private void flush(PduWriter pending) {
        if (pending.isPending()) {
            pending.flush();
            flushed(pending);
        }
    }

    // ---- receiving

    /** Hands a capsule to the subscriber, unless the peer floods it. */
    final void deliver(R capsule) throws ProtocolViolation {
        if (received.waiting() >= queueSize() + EXTRA_CAPSULES) {
            discard(capsule);
            throw ProtocolViolation.sequence(
                    "more than " + received.waiting() + " capsules on a queue of " + queueSize() + " entries");
        }
        received.emit(capsule);
    }

    /** Reads from the socket while somebody waits for capsules or a transfer for data. */
    final void updateReading() {
        if (end != null || !initialized) {
            return;
        }
        boolean wanted = !paused && (received.hasDemand() || isDataDue());
        if (wanted != reading) {
            reading = wanted;
            channel.config().setAutoRead(wanted);
        }
    }

    /** Takes no more input until {@link #resume}; within {@link PduReader.Receiver#received}. */
    final void pause() {
        paused = true;
        reader.pause(true);
    }

    /** Takes input again, first what was kept. */
    final void resume() {
        if (!paused || end != null) {
            return;
        }
        paused = false;
        reader.pause(false);
        try {
            ByteBuf bytes;
            while (!paused && (bytes = kept.poll()) != null) {
                take(bytes);
            }
        } catch (RuntimeException | Error e) {
            // A read pass would have ended the connection for it, too.
            end(new Termination.IoFailure(e));
        }
        updateReading();
        if (!inReadPass) {
            scheduleTurn();
        }
    }

    /** Whether the channel is closed. */
    final boolean isClosed() {
        return !channel.isOpen();
    }

    private void dropKept() {
        ByteBuf bytes;
        while ((bytes = kept.poll()) != null) {
            bytes.release();
        }
    }

    // ---- ChannelHandler

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        writer = new PduWriter(controller, context);
        reader.attached(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end(new Termination.Closed(Termination.Side.LOCAL));
        closeChannel();
        cancelDeadline();
        reader.release();
        PduWriter present = writer;
        if (present != null) {
            present.release();
        }
        closed();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (end == null && message instanceof ByteBuf bytes) {
            inReadPass = true;
            take(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
        updateReading();
    }

    /** Consumes the buffer, or keeps what is left of it when the reading pauses. */
    private void take(ByteBuf bytes) {
        if (paused) {
            kept.addLast(bytes);
            return;
        }
        try {
            reader.read(bytes);
        } catch (ProtocolViolation violation) {
            violated(violation);
        } finally {
            if (paused && end == null && bytes.isReadable()) {
                // Before those that were kept behind it.
                kept.addFirst(bytes);
            } else {
                bytes.release();
            }
        }
    }

    /** The peer ends the connection and says why. */
    final void terminated(ByteBuf pdu, int index) {
        int status = TermReq.status(pdu, index);
        long information = TermReq.information(pdu, index);
        end(new Termination.ProtocolError(
                Termination.Side.REMOTE,
                status,
                information,
                "the peer ended the connection: " + FatalErrorStatus.text(status) + ", information " + information,
                TermReq.offendingHeader(pdu, index)));
    }

    private void violated(ProtocolViolation violation) {
        end(
                new Termination.ProtocolError(
                        Termination.Side.LOCAL,
                        violation.status().code(),
                        violation.information(),
                        violation.detail(),
                        reader.offendingHeader()),
                violation.isAnswered() ? violation : null);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        inReadPass = false;
        if (end == null) {
            if (initialized) {
                turn();
            } else {
                channel.read();
            }
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (end == null && channel.isWritable()) {
            writabilityChanged();
            scheduleTurn();
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
        if (executor.isShuttingDown()) {
            return Termination.Closed.EVENT_LOOP_GONE;
        }
        return reader.atBoundary()
                ? new Termination.Closed(Termination.Side.REMOTE)
                : new Termination.PeerReset("the peer closed the connection within a PDU");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ClosedChannelException) {
            // Writes that a close overtook; channelInactive follows and knows why.
            return;
        }
        end(isPeerReset(cause) ? new Termination.PeerReset(cause.toString()) : new Termination.IoFailure(cause));
        closeChannel();
    }

    /** The operating system's own words are all there is to tell a reset by. */
    private static boolean isPeerReset(Throwable cause) {
        if (!(cause instanceof IOException) || cause.getMessage() == null) {
            return false;
        }
        String message = cause.getMessage().toLowerCase(Locale.ROOT);
        return message.contains("reset") || message.contains("broken pipe");
    }
}
