package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.CommandOutcome;
import io.nvmf.command.NvmeConnectionException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.command.NvmeProtocolException;
import io.nvmf.command.NvmeStatusException;
import io.nvmf.command.NvmeTransferException;
import io.nvmf.namespace.IoOptions;
import io.nvmf.namespace.NamespaceIdentity;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.IdentifyNamespace;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A namespace of a remote controller: logical blocks that can be read and written, singly or as a stream of bytes.
 *
 * <p>Everything returned is cold and lazy: nothing is sent before a subscription, and each subscription to a read does
 * the work again. A command chooses its I/O queue when it is dispatched, and queues are taken in turn, also by one
 * publisher that is subscribed to several times. A stream spreads its commands over the queues that its options say.
 * There is no order between commands that are under way at the same time.
 *
 * <p>Signals come on an event loop, so subscribers must not block: those of a command on the event loop of its queue,
 * all those of one stream on the event loop of the first queue that it uses.
 *
 * <p><b>Ownership of buffers.</b> Data to write belongs to the SDK from subscription on and is released exactly once,
 * whatever happens, refusals included; therefore a write can be subscribed to once. Data read belongs to the
 * subscriber, who releases it. A destination stays the caller's; the SDK retains it while the controller may write into
 * it.
 *
 * <p><b>Failures.</b> What the numbers of the namespace forbid fails with {@link NvmeLimitException} on subscription,
 * before anything is sent: ranges beyond the last block, numbers below 1, more than one transfer in a single command,
 * parts of blocks. An error status is an {@link NvmeStatusException}; a broken connection is an {@link
 * NvmeConnectionException} that says whether the command left; a success that moved too few bytes is an {@link
 * NvmeProtocolException}. Cancelling takes back what is unsent and aborts what was sent.
 *
 * <p><b>Namespaces change.</b> When the controller tells that a namespace has another size, this shows it from then on,
 * and a command goes by what is known when its turn comes. A stream goes by the size that was known when it was
 * subscribed to; commands of it beyond a new, smaller size fail before they are sent. A namespace that is not active any
 * more, that is another one now under the same NSID (see {@link #identity()}) or that was formatted with other blocks
 * gets no more commands: they fail with an {@link NvmeStatusException} with the status Invalid Namespace or Format that
 * is {@linkplain NvmeStatusException#fromController() not from the controller} and whose outcome is
 * {@link CommandOutcome#NOT_SENT}. One that comes back with the same identity can be used again.
 *
 * <p>Thread safe. Source: NVM Command Set Specification, "Read command", "Write command"; NVMe Base Specification,
 * "Flush command".
 */
public interface NvmeNamespace {

    /**
     * The namespace identifier (NSID).
     *
     * @return 1..FFFFFFFEh as unsigned 32 bits
     */
    int id();

    /**
     * The identifiers that stay with the namespace whatever NSID it has (NGUID, EUI-64, UUID). They never change: when
     * the controller has another namespace under this NSID, this one cannot be used any more.
     *
     * @return empty identifiers where the controller has none
     */
    NamespaceIdentity identity();

    /**
     * Size of a logical block without metadata (LBADS).
     *
     * @return bytes, a power of two from 512
     */
    int blockSize();

    /**
     * Number of logical blocks (NSZE), as the controller has said it last.
     *
     * @return blocks, at most as many as have a byte offset in 63 bits
     */
    long blocks();

    /**
     * Size of the namespace, as the controller has said it last.
     *
     * @return bytes, {@link #blocks()} × {@link #blockSize()}
     */
    long size();

    /**
     * Most blocks of one command: what NLB, MDTS and the transport allow.
     *
     * @return 1..65,536 blocks, or 0 if not even one fits
     */
    int maxTransferBlocks();

    /**
     * Whether the namespace was write protected when it was last identified (NSATTR bit 0).
     *
     * @return true if writes will be answered with an error
     */
    boolean readOnly();

    /**
     * The whole Identify Namespace data structure, as the controller has sent it last.
     *
     * @return a view that must not be changed
     */
    IdentifyNamespace identify();

    /**
     * The same namespace under other options: a view that sends its single commands ({@link #read}, {@link #readInto},
     * {@link #write}, {@link #flush}) with these. Streams have options of their own. Cheap, and may be kept.
     *
     * @param options for single commands, in place of those of this view
     * @return the view
     */
    NvmeNamespace with(IoOptions options);

    /**
     * The same namespace with another time limit for single commands.
     *
     * @param timeout see {@link IoOptions#timeout(Duration)}
     * @return {@code with(IoOptions.defaults().timeout(timeout))}
     */
    default NvmeNamespace timeout(Duration timeout) {
        return with(IoOptions.defaults().timeout(timeout));
    }

    /**
     * Reads blocks with one command, which is sent on first demand.
     *
     * @param lba first logical block, 0..blocks()-1
     * @param blocks number of blocks, 1..{@link #maxTransferBlocks()}
     * @return the data, the subscriber's to release
     */
    Mono<ByteBuf> read(long lba, int blocks);

    /**
     * Reads blocks with one command into memory of the caller, as many as its writable bytes hold. The command is sent
     * on subscription. The writer index moves behind the data when the read succeeds; until then the caller must leave
     * the buffer alone, and after a failure its writable bytes are undefined.
     *
     * <p>When this fails, nothing writes into the buffer any more, whatever the controller still sends: a transport that
     * throws late data away (NVMe/TCP does), and for one that cannot the failure waits for the end of the transfer
     * or of the connection. A cancel has no signal. After it the SDK keeps a reference of its own for as long as
     * anything may write: it sees to the same on its event loop, so the memory is the caller's alone when
     * {@link ByteBuf#refCnt()} is what it was before the subscription.
     *
     * @param lba first logical block, 0..blocks()-1
     * @param destination its writable bytes are a multiple of the block size
     * @return completes when all of the data is there
     */
    Mono<Void> readInto(long lba, ByteBuf destination);

    /**
     * Writes blocks with one command, which is sent on subscription; the data may stay in a volatile write cache.
     *
     * @param lba first logical block, 0..blocks()-1
     * @param data its readable bytes are a multiple of the block size; the SDK's from subscription on
     * @return completes when the controller has completed the write; a second subscription fails
     */
    default Mono<Void> write(long lba, ByteBuf data) {
        return write(lba, data, WriteOptions.defaults());
    }

    /**
     * Writes blocks with one command, which is sent on subscription.
     *
     * @param lba first logical block, 0..blocks()-1
     * @param data its readable bytes are a multiple of the block size; the SDK's from subscription on
     * @param options such as force unit access
     * @return completes when the controller has completed the write; a second subscription fails
     */
    Mono<Void> write(long lba, ByteBuf data, WriteOptions options);

    /**
     * Makes durable what was written before. Always sends a Flush command, on subscription.
     *
     * @return completes when everything completed before is on non-volatile media
     */
    Mono<Void> flush();

    /**
     * Reads a range of bytes with the {@linkplain ReadStreamOptions#defaults() default options}.
     *
     * @param offset first byte, a multiple of the block size
     * @param length number of bytes, a multiple of the block size; 0 gives an empty stream
     * @return see {@link #readStream(long, long, ReadStreamOptions)}
     */
    default Flux<ByteBuf> readStream(long offset, long length) {
        return readStream(offset, length, ReadStreamOptions.defaults());
    }

    /**
     * Reads a range of bytes as a stream: in order, one element for each command. Commands in flight and elements that
     * wait for their turn are together no more than the window, and no more than was demanded; a subscriber that asks
     * for one element gets one command. When a command fails, what lies before it is delivered first. Cancelling
     * releases everything.
     *
     * @param offset first byte
     * @param length number of bytes; 0 gives an empty stream
     * @param options chunk size, window, bytes held, alignment
     * @return the data, each buffer the subscriber's to release
     */
    Flux<ByteBuf> readStream(long offset, long length, ReadStreamOptions options);

    /**
     * Reads a range of bytes as the body of a response, with the {@linkplain ReadStreamOptions#body() options for that}:
     * any offset and length, and at most 2 MiB in commands and in buffers that were emitted and not released. However
     * slow the client, and however many elements the server asks for, it does not hold more. Not for subscribers that
     * collect buffers: those wait for ever for more than that.
     *
     * @param offset first byte
     * @param length number of bytes; 0 gives an empty stream
     * @return the data, each buffer the subscriber's to release
     */
    default Flux<ByteBuf> readBody(long offset, long length) {
        return readStream(offset, length, ReadStreamOptions.body());
    }

    /**
     * Writes a source with the {@linkplain WriteStreamOptions#defaults() default options}: whole blocks, made durable
     * by a Flush at the end.
     *
     * @param offset where the first byte goes, a multiple of the block size
     * @param source buffers of any size, each the SDK's once it is emitted
     * @return see {@link #writeStream(long, Publisher, WriteStreamOptions)}
     */
    default Flux<TransferProgress> writeStream(long offset, Publisher<? extends ByteBuf> source) {
        return writeStream(offset, source, WriteStreamOptions.defaults());
    }

    /**
     * Writes a source as a stream. Its buffers are cut and joined into commands without copying (but for buffers of
     * less than 512 bytes, which are gathered). The source is subscribed to when the result is, and asked for one more
     * buffer only while fewer than window × chunk size bytes are held, so no more than that and one buffer is.
     *
     * <p>The result is the progress. Its demand is independent of the writing: an element says what is true when it is
     * emitted, moments that nobody asked for are skipped, and the last element has {@link TransferProgress#last()} set.
     * Use {@code .last()} for the result alone.
     *
     * <p>A failure of the source, the controller or the connection is an {@link NvmeTransferException}, signalled when
     * the writes under way have ended; its report says exactly what is written and what is in doubt. Bytes that wait
     * for a command when it happens are not written. A source of the wrong length, or one that ends within a block
     * unless read-modify-write was asked for, has its whole blocks written first. Cancelling cancels the source, takes
     * back what is unsent and aborts the rest.
     *
     * @param offset where the first byte goes
     * @param source buffers of any size, each the SDK's once it is emitted; signals on any thread
     * @param options chunk size, window, alignment, durability, expected length
     * @return the progress; at least one element if it completes
     */
    Flux<TransferProgress> writeStream(long offset, Publisher<? extends ByteBuf> source, WriteStreamOptions options);
}
