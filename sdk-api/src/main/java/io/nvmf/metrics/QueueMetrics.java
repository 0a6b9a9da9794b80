package io.nvmf.metrics;

/**
 * Measures one queue of an association. This is the hot path: some of these methods are called for every command, on the
 * event loop of the queue and one after the other, so they should neither allocate nor look anything up. By default
 * they do nothing.
 *
 * <p>For each call of a method whose name ends in {@code Begins} there is one of the other that ends in {@code Ends}.
 * What was under way when the association came up is not told of, and neither are Asynchronous Event Requests, which
 * wait in the controller until something happens.
 */
public interface QueueMetrics {

    /** Why a command was not answered, as far as whoever waited for it is concerned. */
    enum Unanswered {
        /** It took too long. */
        TIMEOUT,
        /** Nobody waited for it any more. */
        CANCELLED,
        /** The association ended. */
        LOST,
        /** It could not be sent: a limit was passed, there was no memory, or what was submitted is unusable. */
        NOT_SENT
    }

    /** A command, or a stream of commands, finds no free slot and waits for one. */
    default void waitBegins() {}

    /**
     * A command or a stream waits no more, because it has a slot, or because it was given up.
     *
     * @param nanos how long it has waited, to some microseconds
     */
    default void waitEnds(long nanos) {}

    /**
     * A command has a slot. One of {@link #answered} and {@link #unanswered} follows.
     *
     * @param opcode 0..255; means other commands on the admin queue than on others
     */
    default void commandBegins(int opcode) {}

    /**
     * A command is done: its answer is in, and its data has been moved.
     *
     * @param opcode as at its beginning
     * @param statusCodeType SCT, 0..7
     * @param statusCode SC, 0..255; a success if this and the type are 0
     * @param nanos since it got its slot
     * @param read bytes received from the controller
     * @param written bytes sent to the controller
     */
    default void answered(int opcode, int statusCodeType, int statusCode, long nanos, int read, int written) {}

    /**
     * A command has ended without an answer.
     *
     * @param opcode as at its beginning
     * @param why what has happened instead
     * @param nanos since it got its slot
     */
    default void unanswered(int opcode, Unanswered why, long nanos) {}

    /**
     * A command that has ended without an answer was sent: its slot cannot be used, and its memory is held, until the
     * controller has answered after all.
     */
    default void orphanBegins() {}

    /** The controller has answered a command that nobody waits for, or the association has ended. */
    default void orphanEnds() {}

    /**
     * A command in a slot holds memory that the transport or the controller may touch.
     *
     * @param bytes size of the memory, positive
     */
    default void memoryBegins(int bytes) {}

    /**
     * The memory is out of reach.
     *
     * @param bytes as at its beginning
     */
    default void memoryEnds(int bytes) {}

    /** The data digest of a transfer was wrong. */
    default void digestWrong() {}
}
