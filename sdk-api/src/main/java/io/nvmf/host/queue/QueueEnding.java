package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.transport.Termination;

/** Hears of the end of a queue, on the queue's event loop. */
@FunctionalInterface
public interface QueueEnding {

    /**
     * The queue pair ends. Comes before the peer or the first command hears of it, once or twice.
     *
     * @param how why
     */
    void ending(Termination how);

    /**
     * A command had left and will not be answered any more. Comes for each of them, also for those that nobody waits
     * for, before anybody is told that it has failed.
     *
     * @param command the controller may have carried it out, or may still do so
     */
    default void unanswered(Command command) {}
}
