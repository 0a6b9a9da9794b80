package io.nvmf;

import io.netty.buffer.ByteBuf;
import io.nvmf.command.NvmeException;
import io.nvmf.host.Failures;
import io.nvmf.host.HostQueue;
import io.nvmf.spec.IdentifyNamespace;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The namespace over the I/O queues of one association. */
final class DefaultNamespace implements NvmeNamespace {

    /** NSATTR bit 0. */
    private static final long WRITE_PROTECTED = 1;

    private final IdentifyNamespace identify;
    private final NamespaceGeometry geometry;
    private final boolean volatileWriteCache;
    private final List<HostQueue> queues;
    private final NvmCommands commands;
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * Creates the face of a namespace.
     *
     * @param nsid namespace identifier
     * @param identify over memory that lives as long as this object and is not changed
     * @param limits what controller and transport say
     * @param queues the I/O queues, at least one
     * @param failures of the association
     * @throws io.nvmf.spec.SpecificationViolationException if the LBA format in use cannot be used
     */
    DefaultNamespace(
            int nsid, IdentifyNamespace identify, NamespaceLimits limits, List<HostQueue> queues, Failures failures) {
        if (queues.isEmpty()) {
            throw new IllegalArgumentException("a namespace needs at least one I/O queue");
        }
        this.identify = identify;
        this.geometry = NamespaceGeometry.of(nsid, identify, limits);
        this.volatileWriteCache = limits.volatileWriteCache();
        this.queues = List.copyOf(queues);
        this.commands =
                new NvmCommands(geometry, failures.forQueue(queues.get(0).queueId()));
    }

    @Override
    public int id() {
        return geometry.nsid();
    }

    @Override
    public int blockSize() {
        return geometry.blockSize();
    }

    @Override
    public long blocks() {
        return geometry.blocks();
    }

    @Override
    public long size() {
        return geometry.size();
    }

    @Override
    public int maxTransferBlocks() {
        return geometry.maxTransferBlocks();
    }

    @Override
    public boolean readOnly() {
        return identify.has(IdentifyNamespace.Field.NSATTR, WRITE_PROTECTED);
    }

    @Override
    public IdentifyNamespace identify() {
        return identify;
    }

    @Override
    public Mono<ByteBuf> read(long lba, int blocks) {
        NvmeException refusal = geometry.refuseCommand(lba, blocks);
        return refusal == null ? NamespaceMono.read(commands, nextQueue(), lba, blocks) : Mono.error(refusal);
    }

    @Override
    public Mono<Void> readInto(long lba, ByteBuf destination) {
        int bytes = destination.writableBytes();
        NvmeException refusal = refuse(lba, "a destination", bytes);
        return refusal == null
                ? NamespaceMono.readInto(commands, nextQueue(), lba, bytes >>> geometry.blockShift(), destination)
                : Mono.error(refusal);
    }

    @Override
    public Mono<Void> write(long lba, ByteBuf data, WriteOptions options) {
        Objects.requireNonNull(options, "options");
        int bytes = data.readableBytes();
        NvmeException refusal = refuse(lba, "data", bytes);
        return NamespaceMono.write(
                commands, nextQueue(), lba, bytes >>> geometry.blockShift(), data, options.forceUnitAccess(), refusal);
    }

    @Override
    public Mono<Void> flush() {
        return NamespaceMono.flush(commands, nextQueue());
    }

    @Override
    public Flux<ByteBuf> readStream(long offset, long length, ReadStreamOptions options) {
        Objects.requireNonNull(options, "options");
        return ReadStream.of(commands, nextQueue(), offset, length, options);
    }

    @Override
    public Flux<TransferProgress> writeStream(
            long offset, Publisher<? extends ByteBuf> source, WriteStreamOptions options) {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(options, "options");
        return WriteStream.of(commands, nextQueue(), volatileWriteCache, offset, source, options);
    }

    private @Nullable NvmeException refuse(long lba, String what, int bytes) {
        NvmeException refusal = geometry.refusePartialBlocks(what, bytes);
        return refusal == null ? geometry.refuseCommand(lba, bytes >>> geometry.blockShift()) : refusal;
    }

    private HostQueue nextQueue() {
        return queues.size() == 1 ? queues.get(0) : queues.get(Math.floorMod(turn.getAndIncrement(), queues.size()));
    }

    @Override
    public String toString() {
        return "NvmeNamespace[id=" + Integer.toUnsignedString(id()) + ", " + blocks() + " blocks of " + blockSize()
                + " bytes]";
    }
}
