package io.nvmf.transport.loop;

import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import org.jspecify.annotations.Nullable;

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
        capsule.transferComplete(
                moved,
                damaged
                        ? new TransferException(
                                TransferException.Kind.INTEGRITY,
                                moved,
                                "data of command " + capsule.commandId() + " arrived damaged")
                        : null);
    }

    void abort(@Nullable Object reason) {
        capsule.transferComplete(
                moved,
                new TransferException(
                        TransferException.Kind.ABORTED,
                        moved,
                        "transfer of command " + capsule.commandId() + " aborted after " + moved + " of " + length
                                + " bytes: " + reason));
    }
}
