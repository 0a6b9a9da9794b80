package io.nvmf.namespace;

import io.nvmf.command.NvmeException;
import io.nvmf.command.NvmeLimitException;
import io.nvmf.spec.IdentifyNamespace;
import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.SpecificationViolationException;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of a namespace that bound its commands, and the refusals that follow from them. All arithmetic is in 64
 * bits and ordered so that it cannot overflow: {@link #size()} is at most {@link Long#MAX_VALUE}.
 *
 * @param nsid namespace identifier, unsigned
 * @param blockShift blocks have 2^n bytes, 9..30
 * @param blocks number of blocks that a {@code long} number of bytes reaches
 * @param metadataSize bytes of metadata of each block
 * @param maxTransferBytes what MDTS and transport allow, 0 for no limit
 * @param boundary NOIOB, blocks that no command should cross a multiple of; 0 for none
 * @param unusable why no command may be sent, a half sentence for messages; null while commands may
 */
record NamespaceGeometry(
        int nsid,
        int blockShift,
        long blocks,
        int metadataSize,
        long maxTransferBytes,
        int boundary,
        @Nullable String unusable) {

    private static final int MAX_BLOCK_SHIFT = 30;

    NamespaceGeometry(int nsid, int blockShift, long blocks, int metadataSize, long maxTransferBytes, int boundary) {
        this(nsid, blockShift, blocks, metadataSize, maxTransferBytes, boundary, null);
    }

    static NamespaceGeometry of(int nsid, IdentifyNamespace identify, NamespaceParameters parameters) {
        IdentifyNamespace.LbaFormat format = identify.formattedLba();
        int shift = Long.numberOfTrailingZeros(format.blockSize());
        if (shift > MAX_BLOCK_SHIFT) {
            throw new SpecificationViolationException(
                    "LBADS", shift, 0, "blocks above 2^" + MAX_BLOCK_SHIFT + " bytes fit no buffer");
        }
        long nsze = identify.get(IdentifyNamespace.Field.NSZE);
        long reachable = Long.MAX_VALUE >>> shift;
        return new NamespaceGeometry(
                nsid,
                shift,
                Long.compareUnsigned(nsze, reachable) > 0 ? reachable : nsze,
                format.metadataSize(),
                parameters.maxTransferBytes(),
                (int) identify.get(IdentifyNamespace.Field.NOIOB));
    }

    /** The same numbers for a namespace that no command may be sent to. */
    NamespaceGeometry unusable(String reason) {
        return new NamespaceGeometry(nsid, blockShift, blocks, metadataSize, maxTransferBytes, boundary, reason);
    }

    int blockSize() {
        return 1 << blockShift;
    }

    long size() {
        return blocks << blockShift;
    }

    /** Most blocks of one command: NLB, the transfer limit, and what one buffer can hold; 0 if not even one fits. */
    int maxTransferBlocks() {
        long bytes = maxTransferBytes == 0 ? Integer.MAX_VALUE : Math.min(maxTransferBytes, Integer.MAX_VALUE);
        return (int) Math.min(ReadWriteCommand.MAX_BLOCKS, bytes >>> blockShift);
    }

    /** Blocks of a stream's chunk: what was asked for in whole blocks, at least one, at most a transfer. */
    int chunkBlocks(int chunkSize) {
        return Math.min(Math.max(1, chunkSize >>> blockShift), maxTransferBlocks());
    }

    /**
     * How many queues a stream can make use of, at least 1: small chunks cost more to hand over than they gain, and event
     * loops that share a processor with somebody else gain nothing.
     *
     * @param asked what its options say
     * @param chunkSize bytes of a chunk, as the options say
     * @param window most commands under way
     * @param length bytes in all
     */
    int streamQueues(int asked, int chunkSize, int window, long length) {
        long chunkBytes = (long) chunkBlocks(chunkSize) << blockShift;
        int most = asked;
        if (asked == ReadStreamOptions.AUTOMATIC_QUEUES) {
            most = automaticQueues(chunkBytes, Runtime.getRuntime().availableProcessors());
        }
        return (int) Math.max(1, Math.min(Math.min(most, window), length / chunkBytes));
    }

    /** Half of the processors at most, so that the rest of the program has some, and the peer where it is near. */
    static int automaticQueues(long chunkBytes, int processors) {
        return chunkBytes < ReadStreamOptions.SPREAD_CHUNK_SIZE ? 1 : Math.max(1, processors / 2);
    }

    /** Blocks of the command of a stream that begins at {@code lba}: up to the chunk size, the boundary and the end. */
    int chunkAt(long lba, long endLba, int chunkBlocks) {
        long count = Math.min(chunkBlocks, endLba - lba);
        if (boundary != 0) {
            count = Math.min(count, boundary - lba % boundary);
        }
        return (int) count;
    }

    /** Why a single command is not possible, or null. */
    @Nullable
    NvmeException commandViolation(long lba, long count) {
        NvmeException violation = formatViolation();
        if (violation != null) {
            return violation;
        }
        if (count < 1) {
            return new NvmeLimitException("NLB", count, 1, "a command has at least one block");
        }
        if (count > maxTransferBlocks()) {
            return new NvmeLimitException(
                    "bytes of one command",
                    saturatedBytes(count),
                    (long) maxTransferBlocks() << blockShift,
                    count + " blocks of " + blockSize()
                            + " bytes are more than one transfer (MDTS, NLB and transport allow " + maxTransferBlocks()
                            + " blocks); streams split");
        }
        return lba < 0 || lba >= blocks || count > blocks - lba ? outside(lba, count) : null;
    }

    /** The refusal of blocks that the namespace does not have. */
    NvmeLimitException outside(long lba, long count) {
        return new NvmeLimitException(
                "last LBA",
                lba < 0 || lba > Long.MAX_VALUE - count ? lba : lba + count - 1,
                blocks - 1,
                count + " blocks at LBA " + Long.toUnsignedString(lba) + " do not lie in the namespace of " + blocks
                        + " blocks");
    }

    /** Why a destination or data of so many bytes is no whole number of blocks, or null. */
    @Nullable
    NvmeException partialBlockViolation(String what, long bytes) {
        long rest = bytes & blockSize() - 1;
        return rest == 0
                ? null
                : new NvmeLimitException(
                        "bytes behind the last whole block",
                        rest,
                        0,
                        what + " of " + bytes + " bytes is not a multiple of the block size " + blockSize());
    }

    /** Why a stream over a range of bytes is not possible whatever its alignment, or null. */
    @Nullable
    NvmeException rangeViolation(long offset, long length) {
        NvmeException violation = formatViolation();
        if (violation != null) {
            return violation;
        }
        if (maxTransferBlocks() < 1) {
            return new NvmeLimitException(
                    "block size",
                    blockSize(),
                    maxTransferBytes,
                    "not even one block fits into one transfer (MDTS, transport)");
        }
        if (offset < 0 || length < 0) {
            return new NvmeLimitException(
                    offset < 0 ? "offset" : "length", offset < 0 ? offset : length, 0, "it must not be negative");
        }
        if (offset > size() || length > size() - offset) {
            return new NvmeLimitException(
                    "end of the range",
                    offset > Long.MAX_VALUE - length ? Long.MAX_VALUE : offset + length,
                    size(),
                    length + " bytes from offset " + offset + " do not lie in the namespace of " + size() + " bytes");
        }
        return null;
    }

    /** Why an offset or a length is not aligned, or null. */
    @Nullable
    NvmeException alignmentViolation(String what, long bytes, String remedy) {
        long rest = bytes & blockSize() - 1;
        return rest == 0
                ? null
                : new NvmeLimitException(
                        what + " modulo the block size",
                        rest,
                        0,
                        what + ' ' + bytes + " is not a multiple of the block size " + blockSize() + "; " + remedy);
    }

    private @Nullable NvmeException formatViolation() {
        return metadataSize == 0
                ? null
                : new NvmeLimitException(
                        "metadata bytes of a block",
                        metadataSize,
                        0,
                        "namespaces formatted with metadata are not supported");
    }

    private long saturatedBytes(long count) {
        return count > Long.MAX_VALUE >>> blockShift ? Long.MAX_VALUE : count << blockShift;
    }
}
