package io.nvmf.rdma.testing;

import java.util.function.Consumer;

/** Whether an end takes data: the peer keeps up, and no test says otherwise. Event loop only. */
final class MemoryWritability {

    private final int maxUntaken;
    private final Runnable changed;
    private final Consumer<Runnable> later;
    private long untaken;
    private boolean blocked;
    private boolean told = true;

    MemoryWritability(int maxUntaken, Runnable changed, Consumer<Runnable> later) {
        this.maxUntaken = maxUntaken;
        this.changed = changed;
        this.later = later;
    }

    boolean isWritable() {
        return !blocked && untaken <= maxUntaken;
    }

    void leaves(int bytes) {
        untaken += bytes;
        look();
    }

    void arrived(int bytes) {
        untaken -= bytes;
        look();
    }

    void block(boolean on) {
        blocked = on;
        look();
    }

    /** Not within the call that changed it. */
    private void look() {
        if (isWritable() != told) {
            told = !told;
            later.accept(changed);
        }
    }
}
