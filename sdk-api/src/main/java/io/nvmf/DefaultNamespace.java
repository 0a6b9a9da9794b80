package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.host.queue.Failures;
import io.nvmf.host.queue.QueueSelector;
import io.nvmf.namespace.BlockAccess;
import io.nvmf.namespace.IoOptions;
import io.nvmf.namespace.NamespaceIdentity;
import io.nvmf.namespace.NamespaceParameters;
import io.nvmf.namespace.NamespaceState;
import io.nvmf.namespace.ReadStreamOptions;
import io.nvmf.namespace.TransferProgress;
import io.nvmf.namespace.WriteOptions;
import io.nvmf.namespace.WriteStreamOptions;
import io.nvmf.spec.IdentifyNamespace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The namespace over I/O queues. Opened several times, it has several of these and one state. */
final class DefaultNamespace implements NvmeNamespace {

    /** NSATTR bit 0. */
    private static final long WRITE_PROTECTED = 1;

    private final NamespaceState state;
    private final BlockAccess blocks;
    private final @Nullable Observing observing;

    /**
     * Creates the face of a namespace.
     *
     * @param blocks the access to it
     * @param observing what is told to an observer of streams, if there is one
     */
    DefaultNamespace(BlockAccess blocks, @Nullable Observing observing) {
        this.state = blocks.state();
        this.blocks = blocks;
        this.observing = observing;
    }

    /**
     * Creates the face of a namespace that has no other.
     *
     * @param nsid namespace identifier
     * @param identify over memory that lives as long as this object and is not changed
     * @param parameters what controller and transport say
     * @param queues chooses the I/O queue of each command
     * @param failures of commands on I/O queues
     * @throws io.nvmf.spec.SpecificationViolationException if the LBA format in use cannot be used
     */
    DefaultNamespace(
            int nsid,
            IdentifyNamespace identify,
            NamespaceParameters parameters,
            QueueSelector queues,
            Failures failures) {
        this(
                new BlockAccess(
                        new NamespaceState(
                                nsid, identify, NamespaceIdentity.of(Optional.empty(), identify), parameters),
                        parameters.volatileWriteCache(),
                        queues,
                        failures),
                null);
    }

    @Override
    public NvmeNamespace with(IoOptions options) {
        return new DefaultNamespace(blocks.with(options), observing);
    }

    @Override
    public int id() {
        return state.nsid();
    }

    @Override
    public NamespaceIdentity identity() {
        return state.identity();
    }

    @Override
    public int blockSize() {
        return blocks.blockSize();
    }

    @Override
    public long blocks() {
        return blocks.blocks();
    }

    @Override
    public long size() {
        return blocks.size();
    }

    @Override
    public int maxTransferBlocks() {
        return blocks.maxTransferBlocks();
    }

    @Override
    public boolean readOnly() {
        return identify().has(IdentifyNamespace.Field.NSATTR, WRITE_PROTECTED);
    }

    @Override
    public IdentifyNamespace identify() {
        return state.identify();
    }

    @Override
    public Mono<ByteBuf> read(long lba, int blocks) {
        return this.blocks.read(lba, blocks);
    }

    @Override
    public Mono<Void> readInto(long lba, ByteBuf destination) {
        return blocks.readInto(lba, destination);
    }

    @Override
    public Mono<Void> write(long lba, ByteBuf data, WriteOptions options) {
        return blocks.write(lba, data, options);
    }

    @Override
    public Mono<Void> flush() {
        return blocks.flush();
    }

    @Override
    public Flux<ByteBuf> readStream(long offset, long length, ReadStreamOptions options) {
        Flux<ByteBuf> stream = blocks.readStream(offset, length, options);
        return observing == null ? stream : observing.read(stream, id(), offset, length);
    }

    @Override
    public Flux<TransferProgress> writeStream(
            long offset, Publisher<? extends ByteBuf> source, WriteStreamOptions options) {
        Flux<TransferProgress> stream = blocks.writeStream(offset, source, options);
        return observing == null ? stream : observing.write(stream, id(), offset, options);
    }

    @Override
    public String toString() {
        return "NvmeNamespace[id=" + Integer.toUnsignedString(id()) + ", " + blocks() + " blocks of " + blockSize()
                + " bytes]";
    }
}
