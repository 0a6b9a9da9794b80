package io.nvmf.transport.loop;

import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;

/** The data transfer of one command as the host counts it. State belongs to the host's executor. */
final class LoopTransfer {

    final CommandCapsule capsule;
    final int length;
    long moved;
    boolean damaged;
    boolean done;

    LoopTransfer(CommandCapsule capsule) {
        this.capsule = capsule;
        this.length = capsule.dataLength();
    }

    void moved(int bytes) {
        moved = Math.min(length, moved + bytes);
    }

    void completeRegularly() {
        capsule.transferComplete(moved, damaged ? TransferException.damaged(moved) : null);
    }

    void abort() {
        done = true;
        capsule.transferComplete(moved, TransferException.aborted(moved));
    }
}
