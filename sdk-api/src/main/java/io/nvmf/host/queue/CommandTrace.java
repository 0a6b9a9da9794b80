package io.nvmf.host.queue;

import io.nvmf.command.Command;
import io.nvmf.metrics.QueueMetrics.Unanswered;
import io.nvmf.transport.ResponseCapsule;
import org.jspecify.annotations.Nullable;

/**
 * Hears what becomes of one command, from the moment in which a queue has accepted it. Everything is called on the event
 * loop of the queue, in the order in which it happens; the last call is either {@link #completed} or {@link #failed}.
 * What a call throws is logged, and nothing else is called then.
 */
public interface CommandTrace {

    /**
     * The command has a slot, at once or after it has waited, and goes to the transport.
     *
     * @param command what it is
     */
    default void slotTaken(Command command) {}

    /** The command capsule has become bytes of the connection. */
    default void transmitted() {}

    /**
     * The controller asks for some of the data (R2T); not for data that leaves with its command.
     *
     * @param bytes how many, positive
     */
    default void dataRequested(long bytes) {}

    /**
     * The transfer of data is over, well or not. Does not come for a command without data.
     *
     * @param bytes how many were moved
     */
    default void dataEnded(long bytes) {}

    /**
     * The controller has answered.
     *
     * @param response with any status
     */
    default void responded(ResponseCapsule response) {}

    /**
     * Answer and data are both in, which is the end.
     *
     * @param response with any status
     * @param bytes how many were moved
     */
    void completed(ResponseCapsule response, int bytes);

    /**
     * There will be no answer that anybody waits for, which is the end.
     *
     * @param why what has happened instead
     * @param failure what the user is told; null for a cancel
     */
    void failed(Unanswered why, @Nullable RuntimeException failure);
}
