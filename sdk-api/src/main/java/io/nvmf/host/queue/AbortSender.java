package io.nvmf.host.queue;

/**
 * Asks the controller to abort a command. Aborts travel on the admin queue and are limited by the controller (ACL),
 * which only the association knows; a queue states its wish and goes on.
 *
 * <p>An Abort names its command by identifier only, and may reach the controller after the command has been answered.
 * So the identifier is not used again before the Abort is done or dropped: it would hit an innocent command.
 */
@FunctionalInterface
public interface AbortSender {

    /** A wish that was stated. */
    @FunctionalInterface
    interface Ticket {

        /** The wish was granted, or given up, at once. */
        Ticket NONE = () -> false;

        /**
         * Takes the wish back, because the command has been answered. Any thread.
         *
         * @return true if no Abort was or will be sent, and {@code done} will not be called; false if it is on its way
         */
        boolean drop();
    }

    /**
     * Wishes that a command be aborted; called on the event loop of the command's queue, once per command. Must not
     * block or throw; may do nothing. The wish may wait for its turn; how long is the aborter's to bound.
     *
     * @param queueId queue of the command, 0..65,535
     * @param commandId identifier of the command, 0..65,534
     * @param done to be called exactly once, on any thread, when no Abort for this command can reach the controller any
     *     more: it was answered, or was not sent, or its connection has ended. Never after {@link Ticket#drop} has
     *     returned true
     * @return the way to take the wish back
     */
    Ticket abort(int queueId, int commandId, Runnable done);
}
