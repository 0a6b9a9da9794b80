package io.nvmf.host.queue;

import io.netty.util.concurrent.EventExecutor;
import io.nvmf.transport.EventLoopTasks;
import java.util.function.Consumer;

/**
 * The commands that nobody waits for any more and that were sent, or could not be taken back: asks once for the Abort
 * of each, and counts them. Event loop only.
 */
final class OrphanedCommands {

    private final QueueParameters parameters;
    private final EventExecutor executor;
    private final CommandDeadlines deadlines;
    private final Consumer<? super Slot> abortOver;
    private int count;

    /**
     * @param abortOver told when a requested Abort cannot reach the controller any more, and its command was not
     *     answered before
     */
    OrphanedCommands(
            QueueParameters parameters,
            EventExecutor executor,
            CommandDeadlines deadlines,
            Consumer<? super Slot> abortOver) {
        this.parameters = parameters;
        this.executor = executor;
        this.deadlines = deadlines;
        this.abortOver = abortOver;
    }

    /**
     * Takes a command from its owner.
     *
     * @return whether there are no more orphans than allowed
     */
    boolean add(Slot slot, SlotOwner owner) {
        deadlines.start();
        slot.abandoned(deadlines.now());
        count++;
        if (!slot.isAnswered() && owner.abortable()) {
            requestAbort(slot);
        }
        return count <= parameters.orphanLimit();
    }

    /** A command is about to be done with; does nothing if it is not an orphan. */
    void remove(Slot slot) {
        if (slot.isOrphan()) {
            count--;
        }
    }

    int count() {
        return count;
    }

    /** The command has been answered: an Abort that has not been sent need not be. */
    void answered(Slot slot) {
        AbortSender.Ticket ticket = slot.abortTicket();
        if (ticket != null && ticket.drop()) {
            slot.abortOver();
        }
    }

    private void requestAbort(Slot slot) {
        slot.abortRequested();
        try {
            slot.abortTicket(parameters
                    .aborter()
                    .abort(
                            parameters.queueId(),
                            slot.commandId(),
                            () -> EventLoopTasks.run(executor, () -> abortDone(slot))));
        } catch (Throwable thrown) {
            slot.abortOver();
            UserCallBacks.failed(thrown);
        }
    }

    /** From here on the answer of the command is due. */
    private void abortDone(Slot slot) {
        if (slot.isAbortPending()) {
            slot.abortOver();
            slot.restarted(deadlines.now());
            abortOver.accept(slot);
        }
    }
}
