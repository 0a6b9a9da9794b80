package io.nvmf.rdma.iwarp;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.ScheduledFuture;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.support.CallBacks;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The end of a connection in its order: nothing is delivered or placed any more; when the socket has everything, or is
 * gone, operations complete; the receiver is told; {@link #gone()} completes with the socket. This side closes with a
 * FIN after its last byte, and reads until the peer has closed, too, because a socket that is closed with bytes unread
 * is reset, and what the peer has not read is lost, be it a Terminate. Event loop only, but for {@link #gone()}.
 */
final class ConnectionEnd {

    private final Channel channel;
    private final Duration timeout;
    private final Runnable over;
    private final Sinks.Empty<Void> gone = Sinks.empty();

    private @Nullable RdmaEnd how;
    private @Nullable RdmaReceiver receiver;
    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable FutureListener<Object> loopEnd;

    /** Operations are being completed, or are. */
    private boolean finishing;

    private boolean finished;

    /**
     * Not the end yet.
     *
     * @param channel of the connection
     * @param timeout how long the socket may take for what is left, and the peer to close
     * @param over completes everything; called once, when the socket has nothing any more
     */
    ConnectionEnd(Channel channel, Duration timeout, Runnable over) {
        this.channel = channel;
        this.timeout = timeout;
        this.over = over;
    }

    boolean isBegun() {
        return how != null;
    }

    /** Completes when nothing is left; any thread. */
    Mono<Void> gone() {
        return gone.asMono();
    }

    /** The end of the event loop is an end, too; the task runs on a thread of Netty's when no turn is left. */
    void watchLoop(Runnable loopEnded) {
        Future<?> end = channel.eventLoop().terminationFuture();
        EventLoopWatch.inLastTurn(channel.eventLoop(), channel.closeFuture(), channel::close);
        FutureListener<Object> listener = done -> loopEnded.run();
        loopEnd = listener;
        end.addListener(listener);
    }

    /** This is how it ends; false if it has ended already. */
    boolean begin(RdmaEnd end) {
        if (how != null) {
            return false;
        }
        how = end;
        if (!isGone()) {
            deadline = channel.eventLoop().schedule(() -> channel.close(), timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
        return true;
    }

    /** The socket has taken everything there was to send. */
    void drained() {
        finishLater();
        if (channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
            channel.config().setAutoRead(true);
        } else {
            channel.close();
        }
    }

    /** The channel is closed, or is now. */
    void channelGone() {
        if (!isGone()) {
            return;
        }
        ScheduledFuture<?> running = deadline;
        if (running != null) {
            running.cancel(false);
        }
        finishLater();
        if (finished) {
            gone.tryEmitEmpty();
        }
    }

    /** Who hears of the end. */
    void receiver(RdmaReceiver named) {
        receiver = named;
        RdmaEnd end = how;
        if (finished && end != null) {
            CallBacks.guarded(() -> named.ended(end));
        }
    }

    /** Not within a call of the user's. */
    private void finishLater() {
        if (!finishing) {
            finishing = true;
            EventLoopTasks.later(channel.eventLoop(), this::finish);
        }
    }

    private void finish() {
        over.run();
        finished = true;
        FutureListener<Object> listener = loopEnd;
        if (listener != null) {
            channel.eventLoop().terminationFuture().removeListener(listener);
        }
        RdmaReceiver present = receiver;
        RdmaEnd end = how;
        if (present != null && end != null) {
            CallBacks.guarded(() -> present.ended(end));
        }
        if (isGone()) {
            gone.tryEmitEmpty();
        }
    }

    private boolean isGone() {
        return !channel.isOpen() || EventLoopWatch.isGone(channel.eventLoop());
    }
}
