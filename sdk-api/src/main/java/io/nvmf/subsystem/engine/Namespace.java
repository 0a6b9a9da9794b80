package io.nvmf.subsystem.engine;

import io.nvmf.spec.ReadWriteCommand;
import io.nvmf.subsystem.BlockStore;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A namespace: a store under an NSID, and what hosts tell it from others by. */
final class Namespace {

    private final int nsid;
    private final BlockStore store;
    private final int blockShift;
    private final long blocks;
    private final UUID uuid;

    Namespace(String subsystemNqn, int nsid, BlockStore store) {
        BlockStore.checkSize(store.size(), store.blockSize());
        this.nsid = nsid;
        this.store = store;
        this.blockShift = Integer.numberOfTrailingZeros(store.blockSize());
        this.blocks = store.blocks();
        this.uuid = UUID.nameUUIDFromBytes((subsystemNqn + '/' + nsid).getBytes(StandardCharsets.UTF_8));
    }

    int nsid() {
        return nsid;
    }

    BlockStore store() {
        return store;
    }

    /** LBADS. */
    int blockShift() {
        return blockShift;
    }

    /** NSZE. */
    long blocks() {
        return blocks;
    }

    UUID uuid() {
        return uuid;
    }

    String nguid() {
        return String.format("%016x%016x", uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
    }

    boolean contains(long slba, int count) {
        return ReadWriteCommand.inRange(slba, count, blocks);
    }

    /** Only for a range that {@link #contains} has accepted. */
    long offset(long slba) {
        return slba << blockShift;
    }

    long bytes(int count) {
        return (long) count << blockShift;
    }
}
