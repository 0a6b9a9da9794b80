package io.nvmf.rdma.testing;

import io.nvmf.rdma.spi.RdmaConnection;
import io.nvmf.rdma.spi.RdmaEnd;
import io.nvmf.transport.EventLoopTasks;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import reactor.core.publisher.Mono;

/**
 * A connection of a {@link MemoryRdmaProvider}, both ends of it, and the ways to disturb it. What a method arranges
 * holds for everything that its caller causes afterwards. All methods from any thread.
 */
public final class MemoryRdmaLink {

    /** An end of the connection. */
    public enum End {
        /** The one that connected. */
        CONNECTOR,
        /** The one that accepted. */
        ACCEPTOR
    }

    private final MemoryRdmaConnection connector;
    private final MemoryRdmaConnection acceptor;
    private final AtomicLong untilCut = new AtomicLong(Long.MAX_VALUE);
    private volatile IntUnaryOperator connectorInvalidates = IntUnaryOperator.identity();
    private volatile IntUnaryOperator acceptorInvalidates = IntUnaryOperator.identity();

    MemoryRdmaLink(
            MemoryRdmaConnection.Setup ofConnector,
            MemoryRdmaConnection.Setup ofAcceptor,
            MemoryRdmaSettings settings) {
        this.connector = new MemoryRdmaConnection(ofConnector, settings, this);
        this.acceptor = new MemoryRdmaConnection(ofAcceptor, settings, this);
    }

    /** The end that connecting gave. */
    public RdmaConnection connector() {
        return connector;
    }

    /** The end that accepting gave. */
    public RdmaConnection acceptor() {
        return acceptor;
    }

    /** Resets the connection: both ends see {@link RdmaEnd.PeerReset}. What is under way is lost. */
    public void cut() {
        RdmaEnd reset = new RdmaEnd.PeerReset("the connection was cut");
        cut(reset, reset);
    }

    /** Ends the connection in a way of the caller's choice. What is under way is lost. */
    public void cut(RdmaEnd connectorSees, RdmaEnd acceptorSees) {
        EventLoopTasks.run(connector.executor(), () -> connector.end(connectorSees, null));
        EventLoopTasks.run(acceptor.executor(), () -> acceptor.end(acceptorSees, null));
    }

    /**
     * {@linkplain #cut() Cuts} instead of letting an operation of either end leave.
     *
     * @param nth which of those to come, from 1 on
     */
    public void cutAt(long nth) {
        untilCut.set(nth);
    }

    /** Stops what goes to an end; it piles up in order, the other end's close included. */
    public void hold(End to) {
        end(to).inbox().hold();
    }

    /** Lets it go on. */
    public void release(End to) {
        end(to).inbox().release();
    }

    /** Lets an end say that it takes no data, or no longer say so. */
    public void block(End end, boolean on) {
        EventLoopTasks.run(end(end).executor(), () -> end(end).writability().block(on));
    }

    /**
     * Changes what messages of an end invalidate: to {@link RdmaConnection#NO_KEY} for an invalidation that is missing,
     * to the key of another window for one that comes too early.
     */
    public void alterInvalidations(End from, IntUnaryOperator alteration) {
        if (from == End.CONNECTOR) {
            connectorInvalidates = alteration;
        } else {
            acceptorInvalidates = alteration;
        }
    }

    private MemoryRdmaConnection end(End end) {
        return end == End.CONNECTOR ? connector : acceptor;
    }

    /** Complete when an end is gone. */
    List<Mono<Void>> ends() {
        return List.of(connector.gone(), acceptor.gone());
    }

    void watchLoops() {
        connector.watchLoop();
        acceptor.watchLoop();
    }

    MemoryRdmaConnection otherEndOf(MemoryRdmaConnection end) {
        return end == connector ? acceptor : connector;
    }

    /** Whether an operation may leave; if not, the connection has been cut. */
    boolean passes() {
        if (untilCut.decrementAndGet() == 0) {
            cut();
            return false;
        }
        return true;
    }

    /** What a message of an end invalidates. */
    int invalidated(MemoryRdmaConnection from, int key) {
        return (from == connector ? connectorInvalidates : acceptorInvalidates).applyAsInt(key);
    }
}
