package io.nvmf.subsystem.engine;

import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.spec.Status;
import io.nvmf.subsystem.BlockStore;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A namespace: a store under an NSID, and what hosts tell it from others by. It may get another store, of another size,
 * and it may be removed, while commands are under way: so a command asks for the store anew with every call.
 */
final class Namespace {

    /** A store and its size, which change together. */
    private record Content(BlockStore store, long blocks, long bytes) {

        static Content of(BlockStore store) {
            BlockStore.checkSize(store.size(), store.blockSize());
            return new Content(store, store.blocks(), store.size());
        }
    }

    private final int nsid;
    private final int blockShift;
    private final UUID uuid;

    /** Never null; the last one stays when the namespace is removed. */
    private volatile Content content;

    private volatile boolean removed;

    Namespace(int nsid, BlockStore store, UUID uuid) {
        this.nsid = nsid;
        this.content = Content.of(store);
        this.blockShift = Integer.numberOfTrailingZeros(store.blockSize());
        this.uuid = uuid;
    }

    /** The identifier of a namespace that has no other. */
    static UUID uuidOf(String subsystemNqn, int nsid) {
        return UUID.nameUUIDFromBytes((subsystemNqn + '/' + nsid).getBytes(StandardCharsets.UTF_8));
    }

    int nsid() {
        return nsid;
    }

    /** The store that the namespace has, or had when it was removed. */
    BlockStore store() {
        return content.store;
    }

    /** The store for a call; null if the namespace has been removed. */
    @Nullable
    BlockStore storeInUse() {
        return removed ? null : content.store;
    }

    /**
     * The store for a call about some of its bytes.
     *
     * @return null if there are no such bytes any more; {@link #refusal()} says why
     */
    @Nullable
    BlockStore storeOf(long offset, long length) {
        Content now = content;
        return removed || length > now.bytes - offset ? null : now.store;
    }

    /** Why there is no store for a call that was checked when its command came. */
    Status refusal() {
        return removed ? TargetStatus.INVALID_NAMESPACE : TargetStatus.LBA_OUT_OF_RANGE;
    }

    /** Takes another store, of the same block size; gives the one before. */
    BlockStore replace(BlockStore store) {
        BlockStore before = content.store;
        content = Content.of(store);
        return before;
    }

    /** No store is called any more for commands that are under way. */
    void remove() {
        removed = true;
    }

    int blockSize() {
        return 1 << blockShift;
    }

    /** LBADS. */
    int blockShift() {
        return blockShift;
    }

    /** NSZE. */
    long blocks() {
        return content.blocks;
    }

    UUID uuid() {
        return uuid;
    }

    String nguid() {
        return String.format("%016x%016x", uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    boolean contains(long slba, int count) {
        return ReadWriteCommand.inRange(slba, count, content.blocks);
    }

    /** Only for a range that {@link #contains} has accepted. */
    long offset(long slba) {
        return slba << blockShift;
    }

    long bytes(int count) {
        return (long) count << blockShift;
    }
}
