package io.nvmf.rdma;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.rdma.spi.RdmaException;
import io.nvmf.rdma.spi.RdmaReceiver;
import io.nvmf.spec.TransportType;
import io.nvmf.transport.EventLoopTasks;
import io.nvmf.transport.QueuePair;
import io.nvmf.transport.Termination;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What the queue pairs of both roles share: the connection, the turn in which capsules are converted, and the end.
 *
 * <p>A queue pair that ends delivers and converts nothing from that moment on. Everybody who waits is told when the
 * connection says that it has ended, because only then no memory is reached any more.
 */
abstract class RdmaQueuePair implements QueuePair, RdmaReceiver {

    private final RdmaConnection connection;
    private final Sinks.One<Termination> termination = Sinks.one();
    private final AtomicReference<@Nullable Termination> ended = new AtomicReference<>();
    private final Mono<Void> close;
    private final Runnable nextTurn = this::runTurn;

    /** Event loop only. */
    private boolean turnScheduled;

    RdmaQueuePair(RdmaConnection connection) {
        this.connection = connection;
        this.close = Mono.defer(() -> {
            EventLoopTasks.run(executor(), () -> end(new Termination.Closed(Termination.Side.LOCAL)));
            return termination.asMono().then(Mono.defer(connection::close));
        });
    }

    /** Converts what can be converted; on the event loop, while the queue pair lives. */
    abstract void turn();

    /** Tells everybody who waits of the end, but those who wait for {@link #termination()}; once. */
    abstract void finish(Termination how);

    final RdmaConnection connection() {
        return connection;
    }

    @Override
    public final TransportType transportType() {
        return TransportType.RDMA;
    }

    @Override
    public final EventExecutor executor() {
        return connection.executor();
    }

    @Override
    public final ByteBufAllocator allocator() {
        return connection.allocator();
    }

    @Override
    public final Mono<Termination> termination() {
        return termination.asMono();
    }

    @Override
    public final Mono<Void> close() {
        return close;
    }

    /** How this side ended, null while it lives; any thread. */
    public final @Nullable Termination ended() {
        return ended.get();
    }

    /** There may be something to convert: in a later turn of the event loop. */
    final void scheduleTurn() {
        if (!turnScheduled) {
            turnScheduled = true;
            EventLoopTasks.later(executor(), nextTurn);
        }
    }

    private void runTurn() {
        turnScheduled = false;
        if (ended() == null) {
            try {
                turn();
            } catch (Throwable e) { // errors too: whoever waits has to hear of the end
                fail(e);
            }
        }
    }

    /** Ends the queue pair; event loop only, later calls do nothing. */
    final void end(Termination how) {
        if (ended.compareAndSet(null, how)) {
            connection.close().subscribe();
        }
    }

    /** Something above the connection threw, or the connection itself: what an end has flushed is told with the end. */
    final void fail(Throwable failure) {
        if (!(failure instanceof RdmaException rdma && rdma.kind() == RdmaException.Kind.FLUSHED)) {
            end(new Termination.IoFailure(failure));
        }
    }

    /** The peer broke the protocol; event loop only. */
    final void protocolError(String detail) {
        if (ended.compareAndSet(null, Termination.ProtocolError.aboveTransport(Termination.Side.LOCAL, detail))) {
            connection.abort(detail);
        }
    }

    /** An operation is over. */
    final void checkCompletion(@Nullable RdmaException failure) {
        if (failure != null) {
            fail(failure);
        }
    }

    @Override
    public final void ended(RdmaEnd how) {
        ended.compareAndSet(null, Terminations.of(how));
        Termination known = ended.get();
        if (known != null) {
            finish(known);
            termination.tryEmitValue(known);
        }
    }
}
