package io.nvmf.host.queue;

import org.jspecify.annotations.Nullable;

/**
 * The command slots of a queue and which are free. Identifiers come from a stack, so that a lightly used queue keeps
 * touching the same few slots. Event loop only.
 */
final class SlotTable {

    private final Slot[] slots;
    private final int[] free;
    private final int ordinaryLimit;
    private int freeCount;
    private int ordinary;

    SlotTable(OutstandingCommands outstanding, int ordinaryLimit, int reservedLimit) {
        this.ordinaryLimit = ordinaryLimit;
        slots = new Slot[ordinaryLimit + reservedLimit];
        free = new int[slots.length];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(outstanding, i);
            free[i] = slots.length - 1 - i;
        }
        freeCount = slots.length;
    }

    /** Number of slots, including the reserved ones. */
    int size() {
        return slots.length;
    }

    /** Number of slots that ordinary commands could take now. */
    int available() {
        return ordinaryLimit - ordinary;
    }

    /** Number of slots that long-running commands could take now. */
    int reservedAvailable() {
        return freeCount - available();
    }

    boolean isIdle() {
        return freeCount == slots.length;
    }

    Slot at(int index) {
        return slots[index];
    }

    /** The slot of a command identifier that a peer named; null if there is none. */
    @Nullable
    Slot find(int commandId) {
        return commandId < slots.length ? slots[commandId] : null;
    }

    /** Takes a free slot, which must be known to exist. */
    Slot acquire(boolean reserved) {
        Slot slot = slots[free[--freeCount]];
        slot.acquire(reserved);
        if (!reserved) {
            ordinary++;
        }
        return slot;
    }

    /** Gives back a slot in which nothing is under way any more. */
    void release(Slot slot) {
        slot.release();
        if (!slot.isReserved()) {
            ordinary--;
        }
        free[freeCount++] = slot.commandId();
    }
}
