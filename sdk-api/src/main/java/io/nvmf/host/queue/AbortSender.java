package io.nvmf.host.queue;

/**
 * Asks the controller to abort a command. Aborts travel on the admin queue and are limited by the controller (ACL),
 * which only the association knows; a queue requests an Abort and continues.
 *
 * <p>An Abort names its command by identifier only, and may reach the controller after the command has been answered.
 * So the identifier is not used again before the Abort is done or dropped; otherwise the Abort would hit the next
 * command.
 */
@FunctionalInterface
public interface AbortSender {

    /** An Abort that was requested. */
    @FunctionalInterface
    interface Ticket {

        /** The Abort was done, or given up, at once. */
        Ticket NONE = () -> false;

        /**
         * Withdraws the request, because the command has been answered. Any thread.
         *
         * @return true if no Abort was or will be sent, and {@code done} will not be called; false if it is on its way
         */
        boolean drop();
    }

    /**
     * Requests the Abort of a command; called on the event loop of the command's queue, once per command. Must not
     * block or throw, and may do nothing. The request may wait for its turn; whoever implements this bounds how long.
     *
     * @param queueId queue of the command, 0..65,535
     * @param commandId identifier of the command, 0..65,534
     * @param done to be called exactly once, on any thread, when no Abort for this command can reach the controller any
     *     more: it was answered, or was not sent, or its connection has ended. Never after {@link Ticket#drop} has
     *     returned true
     * @return withdraws the request
     */
    Ticket abort(int queueId, int commandId, Runnable done);
}
