package io.nvmf.host.recovery;

import io.nvmf.host.queue.BlockExtent;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks that controllers of lost associations may still change, and until when. Nothing may be written there
 * before: it could be overwritten by something older.
 */
final class LostWrites {

    /**
     * One command.
     *
     * @param extent what it changes
     * @param until the moment from which on it is certain to be over
     */
    private record LostWrite(BlockExtent extent, long until) {}

    private final List<LostWrite> writes = new ArrayList<>();

    void add(List<BlockExtent> extents, long until) {
        for (BlockExtent extent : extents) {
            writes.add(new LostWrite(extent, until));
        }
    }

    void forgetUntil(long now) {
        writes.removeIf(write -> write.until() <= now);
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    /** When the last one is over. */
    long last() {
        long last = Long.MIN_VALUE;
        for (LostWrite write : writes) {
            last = Math.max(last, write.until());
        }
        return last;
    }

    /** From when on these blocks may be written. */
    long freeFrom(BlockExtent extent) {
        long from = Long.MIN_VALUE;
        for (LostWrite write : writes) {
            if (write.until() > from && write.extent().overlaps(extent)) {
                from = write.until();
            }
        }
        return from;
    }
}
