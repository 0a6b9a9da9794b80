package io.nvmf.rdma.spi;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.TransportAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A reliable connection: messages that arrive whole and in order, and memory that the peer reads and writes through
 * windows.
 *
 * <p><b>Threads.</b> All state lives on {@link #executor()}. Every method is event loop only, but those that return a
 * publisher or a fixed value; every call-back comes on the event loop, one at a time. Call-backs may call any method,
 * {@link #close} included.
 *
 * <p><b>Order.</b> Messages, writes and reads are issued in the order of the calls; nothing of it need leave before
 * {@link #flush}. Messages of the peer are delivered in order, and what the peer wrote before a message is in memory
 * when the message is delivered. A read is not ordered against later messages and writes: who needs its data first waits
 * for its completion. The side that has connected is the first to send, write or read: some protocols let nothing of
 * the other side leave before.
 *
 * <p><b>Completion.</b> Each {@link #send}, {@link #write} and {@link #read} completes exactly once: with null when it
 * is done, with an {@link RdmaException} when it failed or was flushed because the connection ended. From then on the
 * provider does not touch the memory. A completed send or write says that its memory may be used again, not that the
 * peer has the bytes. Completions of one kind come in order, unless the connection has ended. A completion never comes
 * within the call that starts the operation. One that is refused, or called after the end, was never started: it
 * completes soon, whatever is before it.
 *
 * <p><b>Credits.</b> There is no hidden queue: more than {@link RdmaLimits#sends} operations are refused. Whoever uses a
 * connection knows how many messages the peer has places for and never sends more. A message without a place, or larger
 * than its place, breaks the protocol.
 *
 * <p><b>Memory.</b> Data of {@link #send} and {@link #write} is the provider's from the call on, whatever the outcome,
 * and released when it completes. Memory of {@link #read} and {@link #expose} stays the caller's; the provider holds a
 * reference of its own as long as it, or the peer, may touch it.
 *
 * <p><b>End.</b> The first of {@link #close}, the peer's close, a protocol error, an I/O error and the end of the event
 * loop ends the connection. In this order: nothing is delivered or placed any more and all windows are closed; all
 * operations complete, flushed, in the order of their calls; {@link RdmaReceiver#ended} is called; {@link #close()}
 * completes when the connection is gone and messages that were not delivered are released. Those that were delivered
 * stay the receiver's, and readable, until it releases them.
 */
public interface RdmaConnection {

    /** The key of no window; for messages that invalidate none. No provider gives this key to a window. */
    int NO_KEY = 0;

    /**
     * The event loop.
     *
     * @return the event loop of this connection
     */
    EventExecutor executor();

    /**
     * Memory that can be exposed, read into and sent from without a copy.
     *
     * @return the allocator
     */
    ByteBufAllocator allocator();

    /**
     * What both sides have agreed on.
     *
     * @return the limits as they hold
     */
    RdmaLimits limits();

    /**
     * The private data of the peer's answer, or of its request.
     *
     * @return a read-only view with a position of its own; may be followed by zeroes that the peer did not send
     */
    ByteBuffer privateData();

    /**
     * This end's address.
     *
     * @return null where it is not known
     */
    @Nullable
    TransportAddress localAddress();

    /**
     * The peer's address.
     *
     * @return null where it is not known
     */
    @Nullable
    TransportAddress remoteAddress();

    /**
     * What both sides have agreed on, for the log: checksums, sizes.
     *
     * @return words for a reader; empty if there is nothing to say
     */
    String agreement();

    /**
     * Names who gets messages and the end; once. Nothing is delivered before.
     *
     * @param receiver is called on the event loop; if the connection has ended already, soon
     */
    void receiver(RdmaReceiver receiver);

    /**
     * Exposes memory to the peer until the window is closed, invalidated by the peer, or the connection ends.
     *
     * @param memory the memory; neither reader nor writer index is touched
     * @param index first byte
     * @param length bytes, at least 1
     * @param access what the peer may do
     * @return the window; its key is not guessable
     * @throws RdmaException if the connection has ended, or of kind {@code EXHAUSTED} without memory or windows
     * @throws IllegalArgumentException if there is no byte
     * @throws IndexOutOfBoundsException if the memory is smaller
     */
    RdmaWindow expose(ByteBuf memory, int index, int length, RdmaAccess access);

    /**
     * Sends a message. The header and the data are one message for the peer.
     *
     * @param header the first bytes, from reader to writer index; at least 1
     * @param data what follows, from reader to writer index; null if nothing does
     * @param invalidate key of a window of the peer that this message invalidates, or {@link #NO_KEY}; a key of no open
     *     window breaks the protocol
     * @param completion is told
     * @throws IllegalArgumentException if the header is empty; header and data are released
     */
    void send(ByteBuf header, @Nullable ByteBuf data, int invalidate, RdmaCompletion completion);

    /**
     * Writes into a window of the peer.
     *
     * @param data the bytes, from reader to writer index; at least 1
     * @param address where, in the peer's terms
     * @param key the window
     * @param completion is told
     * @throws IllegalArgumentException if there is no byte; the data is released
     */
    void write(ByteBuf data, long address, int key, RdmaCompletion completion);

    /**
     * Reads from a window of the peer.
     *
     * @param memory gets the bytes; neither reader nor writer index is touched
     * @param index where the first goes
     * @param length bytes, at least 1
     * @param address from where, in the peer's terms
     * @param key the window
     * @param completion is told when the data is in memory; of {@code EXHAUSTED} if the peer serves no reads
     * @throws IllegalArgumentException if there is no byte
     * @throws IndexOutOfBoundsException if the memory is smaller
     */
    void read(ByteBuf memory, int index, int length, long address, int key, RdmaCompletion completion);

    /** Lets what has been issued leave. Without it that happens at the end of the turn of the event loop at the latest. */
    void flush();

    /**
     * Whether the connection takes data without piling it up.
     *
     * @return false when whoever can wait should, until {@link RdmaReceiver#writableChanged}
     */
    boolean isWritable();

    /**
     * Says to the peer that it broke the protocol above RDMA, where that can be said, and ends the connection.
     *
     * @param detail what is wrong, for the log
     */
    void abort(String detail);

    /**
     * Ends the connection: what was issued before leaves, if that takes no longer than a bound of the provider. Hot:
     * starts with the call, from any thread. Idempotent.
     *
     * @return completes when the connection is gone and all of its operations have completed
     */
    Mono<Void> close();
}
