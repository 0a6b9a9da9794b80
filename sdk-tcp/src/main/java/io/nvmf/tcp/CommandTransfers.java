package io.nvmf.tcp;

import io.nvmf.transport.support.CallBacks;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The data transfers of a host's commands, one for each command identifier that had any data. Event loop only. */
final class CommandTransfers {

    /** Identifiers that have a place from the beginning. */
    private static final int MOST_AT_FIRST = 1024;

    /** By command identifier. */
    private @Nullable CommandTransfer[] transfers;

    private final IntConsumer change = this::dataDue;
    private int dataDue;

    /**
     * Creates the table.
     *
     * @param queueSize number of submission queue entries
     */
    CommandTransfers(int queueSize) {
        transfers = new CommandTransfer[Math.min(queueSize, MOST_AT_FIRST)];
    }

    /** The transfer of an identifier, active or not; null if it never had one. */
    @Nullable
    CommandTransfer find(int commandId) {
        return commandId < transfers.length ? transfers[commandId] : null;
    }

    /** The transfer of an identifier, active or not. */
    CommandTransfer get(int commandId) {
        if (commandId >= transfers.length) {
            transfers = Arrays.copyOf(transfers, Math.max(commandId + 1, transfers.length * 2));
        }
        CommandTransfer transfer = transfers[commandId];
        if (transfer == null) {
            transfer = new CommandTransfer(change);
            transfers[commandId] = transfer;
        }
        return transfer;
    }

    /** Whether the controller has to act before all transfers are over. */
    boolean isDataDue() {
        return dataDue > 0;
    }

    private void dataDue(int more) {
        dataDue += more;
    }

    /** Ends all transfers, whatever their call-backs throw. */
    void abortAll() {
        for (CommandTransfer transfer : transfers) {
            if (transfer != null) {
                CallBacks.guarded(transfer::abort);
            }
        }
    }

    /** Ends those whose memory the connection does not read. */
    void abortIdle() {
        for (CommandTransfer transfer : transfers) {
            if (transfer != null && !transfer.isLeaving()) {
                CallBacks.guarded(transfer::abort);
            }
        }
    }
}
