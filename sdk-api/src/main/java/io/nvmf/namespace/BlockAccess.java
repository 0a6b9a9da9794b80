package io.nvmf.namespace;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.spec.IdentifyNamespace;
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

    private final NamespaceGeometry geometry;
    private final boolean volatileWriteCache;
    private final QueueSelector queues;
    private final NvmCommands commands;

    /**
     * Creates the access to a namespace.
     *
     * @param nsid namespace identifier
     * @param identify what the controller says of it
     * @param parameters what controller and transport say
     * @param queues chooses the I/O queue of each command
     * @param failures of commands on I/O queues
     * @throws io.nvmf.spec.SpecificationViolationException if the LBA format in use cannot be used
     */
    @SuppressWarnings("exports") // only this module can call it, because its queues are internal
    public BlockAccess(
            int nsid,
            IdentifyNamespace identify,
            NamespaceParameters parameters,
            QueueSelector queues,
            Failures failures) {
        this.geometry = NamespaceGeometry.of(nsid, identify, parameters);
        this.volatileWriteCache = parameters.volatileWriteCache();
        this.queues = queues;
        this.commands = new NvmCommands(geometry, failures);
    }

    /** {@return the namespace identifier} */
    public int id() {
        return geometry.nsid();
    }

    /** {@return bytes of a block} */
    public int blockSize() {
        return geometry.blockSize();
    }

    /** {@return number of blocks} */
    public long blocks() {
        return geometry.blocks();
    }

    /** {@return number of bytes} */
    public long size() {
        return geometry.size();
    }

    /** {@return the most blocks of one command, 0 if not even one fits} */
    public int maxTransferBlocks() {
        return geometry.maxTransferBlocks();
    }

    /**
     * Reads blocks.
     *
     * @param lba the first
     * @param blocks how many
     * @return their bytes, the subscriber's to release
     */
    public Mono<ByteBuf> read(long lba, int blocks) {
        NvmeException refusal = geometry.commandViolation(lba, blocks);
        return refusal == null ? NamespaceMono.read(commands, queues, lba, blocks) : Mono.error(refusal);
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
        NvmeException refusal = refuse(lba, "a destination", bytes);
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
        NvmeException refusal = refuse(lba, "data", bytes);
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

    private @Nullable NvmeException refuse(long lba, String what, int bytes) {
        NvmeException refusal = geometry.partialBlockViolation(what, bytes);
        return refusal == null ? geometry.commandViolation(lba, bytes >>> geometry.blockShift()) : refusal;
    }
}
