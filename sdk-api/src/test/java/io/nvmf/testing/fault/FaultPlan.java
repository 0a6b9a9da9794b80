package io.nvmf.testing.fault;

/** Decides what goes wrong and when. Asked on the event loop where the message is. */
public interface FaultPlan {

    /** A plan in which nothing goes wrong. */
    FaultPlan NONE = (connection, point) -> {};

    /**
     * A message is about to pass a point; the plan may do something to the connection. If that ends the connection on this side, the
     * message goes no further.
     */
    void at(FaultyConnection connection, FaultPoint point);

    /** Whether the next connection is refused. */
    default boolean refuses() {
        return false;
    }

    /** A connection has been made. */
    default void opened(FaultyConnection connection) {}
}
