package io.nvmf.transport.loop;

import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;

/** The data transfer of one command as the host counts it. State belongs to the host's executor. */
final class LoopTransfer {

    final CommandCapsule capsule;
    final int length;
    final boolean receives;
    long moved;
    boolean damaged;

    /** The memory is out of reach: what comes is counted and not written. */
    boolean discarded;

    boolean done;

    LoopTransfer(CommandCapsule capsule) {
        this.capsule = capsule;
        this.length = capsule.dataLength();
        this.receives = capsule.transfer() == CommandCapsule.Transfer.RECEIVE;
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
