package io.nvmf.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.spec.TransportType;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One submission queue and its completion queue over one connection, in either role.
 *
 * <p>A queue pair is a connection, not an association: it knows neither its siblings nor which commands are
 * outstanding, and it never retries. Command identifiers, queue depth, time limits and keep-alive belong to the layer
 * above.
 *
 * <p><b>Threads.</b> All state lives on {@link #executor()}; every publisher here signals on it, and methods marked
 * "event loop only" must be called on it. Everything else may be called from any thread.
 *
 * <p><b>Start.</b> Nothing is read from the peer before the stream of received capsules has a subscriber with demand.
 *
 * <p><b>End.</b> The first of a local {@link #close()}, the peer's close, a protocol error, an I/O error and the end of
 * the event loop ends the queue pair. Everybody who waits is told exactly once, in this order:
 *
 * <ol>
 *   <li>The queue pair is in error: nothing is read or delivered any more, nothing is converted to bytes, and the peer
 *       can reach no memory of this side. Whatever is submitted from now on is aborted at once, also from inside the
 *       call-backs below.
 *   <li>Capsules that have not been converted are dropped, in the order of their submission: of each, the data transfer
 *       ends with {@link TransferException.Kind#ABORTED} and 0 bytes, and then its {@code transmit} fails.
 *   <li>The other data transfers that are open end with {@code ABORTED}, in no particular order: those of the host by
 *       {@link CommandCapsule#transferComplete}, those of a controller by an error of
 *       {@link ReceivedCommand#receive(long, int)}.
 *   <li>The stream of received capsules completes; what it holds for lack of demand is dropped. On a controller, who
 *       waits for {@link ControllerQueuePair#writable()} is told before or after that.
 *   <li>{@link #termination()} emits.
 *   <li>{@link #close()} completes when the connection is closed.
 * </ol>
 *
 * <p>Two things may come later. Where this side tells the peer of a protocol error, what had been given to the
 * connection before leaves ahead of that message, and a buffer whose bytes are among it is completed when the
 * connection has taken them or is closed; nothing else of the queue pair leaves any more. And a stream of capsules
 * whose subscriber ends the queue pair from inside the delivery of a capsule completes when that delivery returns,
 * which is after {@code termination()} has emitted. Calling {@code close} from inside any call-back is legal.
 *
 * <p><b>Memory.</b> The end of a transfer gives the memory back, whether it ends regularly or aborted: neither the peer
 * nor a device of this side reads or writes it from then on. A transport that lets the peer reach memory directly, as
 * RDMA does, takes that possibility away before it reports the end; for {@code ABORTED} that means that its own queue
 * pair is in the error state and has flushed its work requests.
 *
 * <p><b>Bytes.</b> A transport that moves the data itself reports how many bytes have moved, also of a transfer that
 * ends early. A transport whose host side cannot know, because the controller reads and writes the memory without its
 * help, reports the end of a transfer just before it delivers the response: the whole length when the command
 * succeeded, and 0 when it failed or was aborted.
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
     * How the queue pair ended. Hot and replayed: emits exactly one value to each subscriber, never an error. It says
     * that the queue pair does nothing any more, not that its connection is closed: that is what {@link #close()}
     * tells. The connection outlives it only where this side reports a protocol error, since the peer is given time to
     * read the report.
     *
     * @return the reason of the end
     */
    Mono<Termination> termination();

    /**
     * Ends the queue pair, completes everything outstanding exactly once, and closes the connection. Idempotent; the
     * work is done on the first subscription, whoever asks. Completes when {@link #termination()} has its value, no
     * transfer holds a buffer and the connection is closed. That is at once, but for the time that the peer has to
     * close the connection itself after it was told of a protocol error; transports bound that time (NVMe/TCP by its
     * option {@code termination-timeout}, 30 s).
     *
     * @return completes when closed, never an error
     */
    Mono<Void> close();

    /**
     * By which pre-shared key both sides of a connection over TLS know each other. Always the same, also after the end.
     *
     * @return the identity of the key, which is no secret; null, as by default, for a connection without TLS
     */
    default @Nullable String tlsIdentity() {
        return null;
    }
}
