package io.nvmf.host.queue;

import io.nvmf.command.CommandOutcome;
import io.nvmf.command.Completion;
import org.jspecify.annotations.Nullable;

/**
 * Who takes command slots: a single request or a bulk operator. Carries the links of the list it waits in, so that
 * waiting costs no allocation. Everything here happens on the queue's event loop.
 */
abstract class SlotOwner {

    /** Links of the {@link WaitingList}; {@code next} links the {@link SubmissionInbox} before. */
    @Nullable
    SlotOwner next;

    @Nullable
    SlotOwner previous;

    /** Whether this is in the waiting list. */
    boolean waiting;

    /** For subclasses. */
    SlotOwner() {}

    /** This user's turn: it is out of the waiting list and a slot is free. It may take one, and may wait again. */
    abstract void slotFree();

    /** A command is done; owns the completion's data. */
    abstract void commandDone(Completion completion);

    /** A command that had a slot failed. */
    abstract void commandFailed(RuntimeException failure, CommandOutcome outcome);

    /** A command that had a slot never left, because this user was {@linkplain #abandoned abandoned} when it was to. */
    abstract void commandWithdrawn();

    /**
     * Whether nobody waits for this user's commands any more, so that none of them may leave. Asked on the event loop.
     */
    abstract boolean abandoned();

    /** Whether the commands may take for ever, and have no deadline. */
    boolean longRunning() {
        return false;
    }

    /** Whether the association depends on the commands. */
    boolean essential() {
        return false;
    }

    /** Whether Abort is sent for commands that nobody waits for any more. */
    boolean abortable() {
        return true;
    }
}
