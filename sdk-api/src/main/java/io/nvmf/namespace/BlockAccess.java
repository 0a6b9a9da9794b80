package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.CallDeadline;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueSelector;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The blocks of one namespace over I/O queues: internal, what {@code io.nvmf.NvmeNamespace} does, whose Javadoc says
 * what each method means. Any thread.
 */
public final class BlockAccess {

    private final NamespaceState state;
    private final boolean volatileWriteCache;
    private final QueueSelector queues;
    private final NvmCommands commands;

    /**
     * Creates the access to a namespace.
     *
     * @param state what is known of it, now and later
     * @param volatileWriteCache whether a completed write is durable only after Flush
     * @param queues chooses the I/O queue of each command
     * @param failures of commands on I/O queues
     */
    @SuppressWarnings("exports") // only this module can call it, because its queues are internal
    public BlockAccess(NamespaceState state, boolean volatileWriteCache, QueueSelector queues, Failures failures) {
        this.state = state;
        this.volatileWriteCache = volatileWriteCache;
        this.queues = queues;
        this.commands = new NvmCommands(state, failures);
    }

    private BlockAccess(BlockAccess original, @Nullable Duration timeout) {
        this.state = original.state;
        this.volatileWriteCache = original.volatileWriteCache;
        this.queues = original.queues;
        this.commands = original.commands.with(
                timeout == null
                        ? null
                        : new CallDeadline(timeout, queues.next().timer(), original.commands.failures()));
    }

    /**
     * The same blocks under other options.
     *
     * @param options of single commands
     * @return access of its own
     */
    public BlockAccess with(IoOptions options) {
        return new BlockAccess(this, options.timeout());
    }

    /** {@return what is known of the namespace} */
    public NamespaceState state() {
        return state;
    }

    /** {@return bytes of a block} */
    public int blockSize() {
        return state.geometry().blockSize();
    }

    /** {@return number of blocks} */
    public long blocks() {
        return state.geometry().blocks();
    }

    /** {@return number of bytes} */
    public long size() {
        return state.geometry().size();
    }

    /** {@return the most blocks of one command, 0 if not even one fits} */
    public int maxTransferBlocks() {
        return state.geometry().maxTransferBlocks();
    }

    /**
     * Reads blocks.
     *
     * @param lba the first
     * @param blocks how many
     * @return their bytes, the subscriber's to release
     */
    public Mono<ByteBuf> read(long lba, int blocks) {
        // What is refused now may lie in the namespace when somebody subscribes.
        return state.geometry().commandViolation(lba, blocks) == null
                ? NamespaceMono.read(commands, queues, lba, blocks)
                : Mono.defer(() -> {
                    NvmeException refusal = state.geometry().commandViolation(lba, blocks);
                    return refusal == null ? NamespaceMono.read(commands, queues, lba, blocks) : Mono.error(refusal);
                });
    }

    /**
     * Reads blocks into memory of the caller.
     *
     * @param lba the first
     * @param destination as many as it has room for
     * @return completes when the memory is the caller's again
     */
    public Mono<Void> readInto(long lba, ByteBuf destination) {
        int bytes = destination.writableBytes();
        NamespaceGeometry geometry = state.geometry();
        NvmeException refusal = refuse(geometry, lba, "a destination", bytes);
        return refusal == null
                ? NamespaceMono.readInto(commands, queues, lba, bytes >>> geometry.blockShift(), destination)
                : Mono.error(refusal);
    }

    /**
     * Writes blocks.
     *
     * @param lba the first
     * @param data their bytes, taken over from subscription on
     * @param options how
     * @return completes when they are written
     */
    public Mono<Void> write(long lba, ByteBuf data, WriteOptions options) {
        Objects.requireNonNull(options, "options");
        int bytes = data.readableBytes();
        NamespaceGeometry geometry = state.geometry();
        NvmeException refusal = refuse(geometry, lba, "data", bytes);
        return NamespaceMono.write(
                commands, queues, lba, bytes >>> geometry.blockShift(), data, options.forceUnitAccess(), refusal);
    }

    /** {@return completes when all that was written before is durable} */
    public Mono<Void> flush() {
        return NamespaceMono.flush(commands, queues);
    }

    /**
     * Reads a range of bytes as a stream.
     *
     * @param offset the first byte
     * @param length how many
     * @param options how
     * @return the bytes in order, each buffer the subscriber's to release
     */
    public Flux<ByteBuf> readStream(long offset, long length, ReadStreamOptions options) {
        Objects.requireNonNull(options, "options");
        return ReadStream.of(commands, queues, offset, length, options);
    }

    /**
     * Writes a stream of bytes.
     *
     * @param offset where the first one goes
     * @param source emits them; each buffer is taken over
     * @param options how
     * @return how far it is
     */
    public Flux<TransferProgress> writeStream(
            long offset, Publisher<? extends ByteBuf> source, WriteStreamOptions options) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(options, "options");
        return WriteStream.of(commands, queues, volatileWriteCache, offset, source, options);
    }

    private static @Nullable NvmeException refuse(NamespaceGeometry geometry, long lba, String what, int bytes) {
        NvmeException refusal = geometry.partialBlockViolation(what, bytes);
        return refusal == null ? geometry.commandViolation(lba, bytes >>> geometry.blockShift()) : refusal;
    }
}
