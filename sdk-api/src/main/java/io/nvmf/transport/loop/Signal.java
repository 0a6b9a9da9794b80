package io.nvmf.transport.loop;

/**
 * One message from one side of a connection to the other. Exactly one of the two methods is called, once, on the
 * receiving side's executor; both give up whatever buffer the message owns.
 */
interface Signal {

    /** The message arrives. */
    void deliver();

    /** The receiving side has ended. */
    void discard();
}
