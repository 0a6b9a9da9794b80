package io.nvmf.transport.loop;

import io.netty.util.collection.IntObjectHashMap;
import io.nvmf.transport.CommandCapsule;
import io.nvmf.transport.TransferException;
import io.nvmf.transport.support.CallBacks;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data transfers of a host's commands, by command identifier; each ends exactly once. State belongs to the host's
 * executor.
 */
final class LoopTransfers {

    private final LoopFaults faults;
    private final IntObjectHashMap<LoopTransfer> open = new IntObjectHashMap<>();

    /** Complete, but a test holds their end back. */
    private final List<LoopTransfer> deferred = new ArrayList<>();

    LoopTransfers(LoopFaults faults) {
        this.faults = faults;
    }

    /** The transfer of a command, or null if none is open. */
    @Nullable
    LoopTransfer get(int commandId) {
        return open.get(commandId);
    }

    void start(CommandCapsule capsule) {
        if (open.containsKey(capsule.commandId())) {
            throw new IllegalArgumentException(
                    "command identifier " + capsule.commandId() + " has a data transfer in progress already");
        }
        open.put(capsule.commandId(), new LoopTransfer(capsule));
    }

    /** Nothing more is written to the memory of a capsule. */
    void discard(CommandCapsule capsule) {
        LoopTransfer transfer = open.get(capsule.commandId());
        if (transfer != null && transfer.capsule == capsule) {
            transfer.discarded = true;
        }
    }

    /** Ends the transfer of a capsule that is not sent. */
    void drop(CommandCapsule capsule) {
        LoopTransfer transfer = open.get(capsule.commandId());
        if (transfer != null && transfer.capsule == capsule) {
            open.remove(capsule.commandId());
            transfer.abort();
        } else if (capsule.dataLength() > 0) { // never queued, because the queue pair had ended
            capsule.transferComplete(0, TransferException.aborted(0));
        }
    }

    /** Ends a transfer regularly. */
    void end(LoopTransfer transfer) {
        transfer.done = true;
        open.remove(transfer.capsule.commandId());
        if (faults.defersSendTransfers() && !transfer.receives) {
            deferred.add(transfer);
        } else {
            transfer.completeRegularly();
        }
    }

    /** Ends the transfers whose end was held back. */
    void endDeferred() {
        List<LoopTransfer> held = List.copyOf(deferred);
        deferred.clear();
        held.forEach(LoopTransfer::completeRegularly);
    }

    /** Ends all that are open, because the queue pair ends. */
    void abortAll() {
        List<LoopTransfer> aborted = new ArrayList<>(open.values());
        open.clear();
        aborted.addAll(deferred);
        deferred.clear();
        for (LoopTransfer transfer : aborted) {
            CallBacks.guarded(transfer::abort);
        }
    }
}
