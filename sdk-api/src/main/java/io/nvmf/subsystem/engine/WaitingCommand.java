package io.nvmf.subsystem.engine;

import io.nvmf.spec.Status;
import org.jspecify.annotations.Nullable;

/**
 * A command that may have to wait, for memory, for its turn or for the host, and that can be ended while it does. Those
 * that wait are linked through themselves, see {@link WaitingCommands}. Event loop of the queue only.
 */
abstract class WaitingCommand {

    final TargetQueue queue;
    final int commandId;

    @Nullable
    WaitingCommand previous;

    @Nullable
    WaitingCommand next;

    /** Whether it is in the list. */
    boolean listed;

    WaitingCommand(TargetQueue queue, int commandId) {
        this.queue = queue;
        this.commandId = commandId;
    }

    /** The namespace that it is for; null for an admin command. */
    abstract @Nullable Namespace namespace();

    /**
     * Ends the command, with this status, if nothing is at work for it.
     *
     * @return false, and nothing changed, if a store is at work for it
     */
    abstract boolean abort(Status status);
}
