package io.nvmf.metrics;

/** Measures one association. Any thread. */
public interface AssociationMetrics {

    /** What has become of an Abort that was sent. */
    enum AbortResult {
        /** The controller has aborted the command. */
        ABORTED,
        /** The controller has not; the command was done, or will be. */
        NOT_ABORTED,
        /** The controller has not answered. */
        UNANSWERED
    }

    /**
     * There is a queue; asked for once for each queue.
     *
     * @param queueId 0 for the admin queue, 1..65,535 for an I/O queue
     * @param slots how many commands may be in flight, at least 1
     * @return what measures the queue
     */
    QueueMetrics queue(int queueId, int slots);

    /**
     * The controller has answered a Keep Alive.
     *
     * @param nanos from the moment in which it was due
     */
    default void keepAlive(long nanos) {}

    /**
     * An Abort is over that was sent for a command that was cancelled or took too long.
     *
     * @param result what the controller has said
     */
    default void abort(AbortResult result) {}
}
