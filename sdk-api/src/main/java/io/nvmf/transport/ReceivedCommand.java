package io.nvmf.transport;

import io.netty.buffer.ByteBuf;
import io.nvmf.spec.Require;
import io.nvmf.spec.Status;
import io.nvmf.spec.SubmissionQueueEntry;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A command capsule that a controller has received, and the way to its data.
 *
 * <p>The receiver owns it and calls {@link #release} once, after it has started its last transfer; transfers in
 * progress keep what they need. All methods are event loop only unless they return a publisher.
 */
public interface ReceivedCommand {

    /**
     * The submission queue entry; read only, valid until {@link #release}.
     *
     * @return the entry
     */
    SubmissionQueueEntry entry();

    /**
     * Checks the transfer description by every word of the specification; see {@link #validate(boolean)}.
     *
     * @return {@link Status#SUCCESS} or what is wrong
     */
    default Status validate() {
        return validate(true);
    }

    /**
     * Checks the transfer description (PSDT and SGL1) against the rules of the transport and against in-capsule data
     * that came along. Meant to be called first for each command; nothing calls it implicitly. The first check that
     * fails gives the status. In this order: PSDT says SGL; in-capsule data (01h) has the length announced; a transport
     * data block (5Ah) came without data; the descriptor is one of the two; its address, or offset in the capsule, is
     * 0.
     *
     * <p>Not strict, a descriptor of length 0 that came without data is good whatever its type and address are, because
     * there is nothing to describe; and so is the address of a transport data block, which is reserved.
     *
     * @param strict false leaves out what has no influence on the transfer, for hosts that fill it carelessly
     * @return {@link Status#SUCCESS}, or Invalid Field, Data SGL Length Invalid, SGL Descriptor Type Invalid or SGL
     *     Offset Invalid, all with DNR; Transient Transport Error, without, when the in-capsule data arrived damaged
     */
    Status validate(boolean strict);

    /**
     * Length of the command's data buffer at the host, whatever its direction.
     *
     * @return bytes, 0..4,294,967,295
     */
    long dataLength();

    /**
     * Fetches a range of the host's data. Cold: each subscription fetches anew. Several ranges may be fetched
     * concurrently, up to the transport's limits, beyond which they wait their turn in order. In-capsule data may be
     * fetched in any order and repeatedly; other data too where the transport can, but over NVMe/TCP hosts take R2Ts in
     * ascending order only (section 3.5), so portable controllers fetch each byte once, in ascending order. In-capsule
     * data is served at once, on the subscribing call. The home of the bytes is allocated before the host is asked for
     * them.
     *
     * <p>Fails with {@link IllegalArgumentException} when the range exceeds {@link #dataLength()}, and with
     * {@link TransferException} when the data arrived damaged (the connection goes on) or the queue pair ended, which
     * is told before the stream of commands completes. Cancelling is safe: data on its way is received and dropped.
     *
     * @param offset first byte within the host's buffer
     * @param length number of bytes, at least 1
     * @return the bytes; the subscriber owns the buffer
     */
    Mono<ByteBuf> receive(long offset, int length);

    /**
     * A range of data that came within the capsule, where it lies: without a copy, and so not to be written to, for it
     * is the same memory for all who ask.
     *
     * @param offset first byte within the host's buffer
     * @param length number of bytes, at least 1
     * @return a view that the caller releases; null if the data, or part of the range, is not there, and where a
     *     transport cannot tell, as in this default: then {@link #receive(long, int)} says why or gets it
     */
    default @Nullable ByteBuf inCapsuleData(long offset, int length) {
        return null;
    }

    /**
     * Fetches a range of the host's data in parts, asking the host for one part per element of demand.
     *
     * @param offset first byte within the host's buffer
     * @param length number of bytes
     * @param partLength bytes per element, the last may be shorter
     * @return the parts in order; the subscriber owns each buffer
     */
    default Flux<ByteBuf> receive(long offset, long length, int partLength) {
        Require.positive("partLength", partLength);
        long parts = (length + partLength - 1) / partLength;
        return Flux.<Long, Long>generate(() -> 0L, (part, sink) -> {
                    if (part == parts) {
                        sink.complete();
                        return part;
                    }
                    sink.next(part);
                    return part + 1;
                })
                .concatMap(
                        part -> {
                            long start = part * partLength;
                            return receive(offset + start, (int) Math.min(partLength, length - start));
                        },
                        0);
    }

    /**
     * Sends a part of the command's data to the host. The buffer is always consumed, whatever the outcome. Parts are
     * sequential: each offset is the sum of the lengths before.
     *
     * @param offset first byte within the host's buffer
     * @param data the bytes from reader to writer index
     * @return what the caller does next; decided once, atomically
     */
    SendOutcome send(long offset, ByteBuf data);

    /** Gives the capsule back. Idempotent. */
    void release();
}
