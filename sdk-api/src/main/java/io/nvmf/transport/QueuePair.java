package io.nvmf.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.TransportType;
import reactor.core.publisher.Mono;

/**
 * One submission queue and its completion queue over one connection, in either role.
 *
 * <p>A queue pair is a connection, not an association: it knows neither its siblings nor which commands are outstanding, and
 * it never retries. Command identifiers, queue depth, time limits and keep-alive belong to the layer above.
 *
 * <p><b>Threads.</b> All state lives on {@link #executor()}; every publisher here signals on it, and methods marked "event
 * loop only" must be called on it. Everything else may be called from any thread.
 *
 * <p><b>Start.</b> Nothing is read from the peer before the stream of received capsules has a subscriber with demand.
 *
 * <p><b>End.</b> The first of a local {@link #close()}, the peer's close, a protocol error or an I/O error ends the queue
 * pair: no capsule is delivered afterwards, every capsule not yet converted is dropped, every data transfer still open is
 * completed with {@link TransferException.Kind#ABORTED} exactly once, the received-capsule stream completes, and then
 * {@link #termination()} emits. One kind of transfer may complete later: where this side tells the peer of a protocol error, what
 * had been given to the connection before leaves ahead of that message, and a buffer whose bytes are among it is completed when
 * the connection has taken them or is closed. Nothing else of the queue pair leaves any more. Calling {@code close} from inside any callback is legal; from inside the delivery of a capsule,
 * the received-capsule stream completes when that delivery returns, which is after {@code termination()} has emitted.
 */
public interface QueuePair {

    /**
     * The kind of fabric below.
     *
     * @return the transport type
     */
    TransportType transportType();

    /**
     * Whether this is an admin queue pair (queue identifier 0).
     *
     * @return true for the admin queue
     */
    boolean admin();

    /**
     * The event loop that owns this queue pair.
     *
     * @return the single thread all state is confined to
     */
    EventExecutor executor();

    /**
     * The allocator of the buffers that transfers use.
     *
     * @return the allocator
     */
    ByteBufAllocator allocator();

    /**
     * How the queue pair ended. Hot and replayed: emits exactly one value to each subscriber, never an error. It says that the queue
     * pair does nothing any more, not that its connection is closed: that is what {@link #close()} tells. The connection outlives
     * it only where this side reports a protocol error, since the peer is given time to read the report.
     *
     * @return the reason of the end
     */
    Mono<Termination> termination();

    /**
     * Ends the queue pair, completes everything outstanding exactly once, and closes the connection. Idempotent; the work is
     * done on the first subscription, whoever asks. Completes when {@link #termination()} has its value, no transfer holds a buffer
     * and the connection is closed. That is at once, but for the time that the peer has to close the connection itself after it was
     * told of a protocol error; transports bound that time (NVMe/TCP by its option {@code termination-timeout}, 30 s).
     *
     * @return completes when closed, never an error
     */
    Mono<Void> close();
}
