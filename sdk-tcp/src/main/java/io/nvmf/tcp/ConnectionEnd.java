package io.nvmf.tcp;

import io.netty.channel.Channel;
import io.nvmf.transport.EventLoopWatch;
import io.nvmf.transport.Termination;
import io.nvmf.transport.support.CallBacks;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The end of a connection: what became of it, and who is told in which order. Memory of a transfer that the socket may
 * still read is not given back before it has left, or the socket is gone. Event loop only, but for the two publishers.
 */
final class ConnectionEnd {

    private final Channel channel;
    private final Protocol protocol;
    private final Sinks.One<Termination> termination = Sinks.one();
    private final Sinks.Empty<Void> closed = Sinks.empty();

    private @Nullable Termination how;

    /** This is the end, but for transfers whose data the socket has not taken yet. */
    private boolean leaving;

    ConnectionEnd(Channel channel, Protocol protocol) {
        this.channel = channel;
        this.protocol = protocol;
    }

    /** How the connection ended, or null while it lives. */
    @Nullable
    Termination how() {
        return how;
    }

    /** Completes with {@link #how}; any thread. */
    Mono<Termination> termination() {
        return termination.asMono();
    }

    /** Completes when the connection has ended and nothing of it is left; any thread. */
    Mono<Void> closed() {
        return termination.asMono().then(closed.asMono());
    }

    /** From here on the connection has ended; once. */
    void begin(Termination end) {
        how = end;
    }

    /** Tells everybody, after the last bytes have been given to the socket. */
    void tell(Termination end) {
        protocol.dropUnsent(end);
        leaving = protocol.isDataLeaving() && !isGone();
        if (leaving) {
            // A buffer does not go back while its bytes may still be read.
            protocol.abortIdleTransfers();
        } else {
            protocol.abortTransfers();
        }
        protocol.writabilityChanged();
        CallBacks.guarded(protocol::complete);
        termination.tryEmitValue(end).orThrow();
        checkGone();
    }

    /** Data has left that the socket had not taken at once. */
    void dataLeft() {
        if (leaving && !protocol.isDataLeaving()) {
            leaving = false;
            protocol.abortTransfers();
        }
    }

    /** Without a socket nothing reads memory any more, and there is nothing left to close. */
    void checkGone() {
        if (how == null || !isGone()) {
            return;
        }
        if (leaving) {
            leaving = false;
            protocol.abortTransfers();
        }
        closed.tryEmitEmpty();
    }

    private boolean isGone() {
        return !channel.isOpen() || EventLoopWatch.isGone(channel.eventLoop());
    }
}
